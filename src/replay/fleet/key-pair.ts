/** Keys of servers that stand in for hosts. */
import ssh2 from 'ssh2';

type KeyPair = ReturnType<typeof ssh2.utils.generateKeyPairSync>;

/**
 * A new ed25519 pair, as OpenSSH writes it. Of 256 that ssh2 makes about one is malformed, because it takes the first
 * byte off a public key where that is zero (https://github.com/mscdex/ssh2/issues/1513): another is made then.
 */
export function newKeyPair(): KeyPair {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519');
    const read = [pair.public, pair.private].map((key) => ssh2.utils.parseKey(key));
    if (!read.some((key) => key instanceof Error)) return pair;
  }
}
