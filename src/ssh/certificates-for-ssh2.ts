/**
 * OpenSSH certificates on top of ssh2, which has neither user nor host certificates
 * (https://github.com/mscdex/ssh2/issues/551, /pull/1486). It is done on one connection's own protocol object and
 * touches five of its members; ssh2's version is pinned, and the tests against OpenSSH fail if a release moves
 * them. Should the order of ssh2's steps change, a handshake fails: it can't pass unverified, because ssh2 itself
 * still checks the signature, with the key inside the certificate. See docs/adr/0015.
 */
import type { Client, ParsedKey } from 'ssh2';
import { isCertificate, readCertificate, withoutCertificate } from './certificate.ts';
import { WireReader, wireString } from './wire.ts';

type Sign = (data: Buffer, done: (signature: Buffer) => void) => void;

interface KexExchange {
  negotiated: { serverHostKey: string };
  _hostKey: Buffer;
  finish(partial?: boolean): unknown;
  getPublicKey(): Buffer;
}

interface Offer {
  lists: Record<'kex' | 'serverHostKey', { array: string[] }> &
    Record<'cs' | 'sc', Record<'cipher' | 'mac' | 'compress' | 'lang', { array: string[] }>>;
}

/** What we use of ssh2's Protocol (lib/protocol/Protocol.js, 1.17.0). */
interface Protocol {
  _offer: Offer & { constructor: new (lists: object) => Offer };
  _kex: KexExchange | undefined;
  _kexinit: Buffer | undefined;
  _queue: Buffer[] | undefined;
  _authsQueue: string[];
  _cipher: { encrypt(packet: Buffer): void };
  _packetRW: { write: { alloc(size: number): Buffer; allocStart: number; finalize(packet: Buffer): Buffer } };
  authPK(user: string, key: ParsedKey, algorithm?: string | Sign, sign?: Sign): void;
}

const protocolOf = (client: Client): Protocol => (client as unknown as { _protocol: Protocol })._protocol;

/** Certificates of host keys that ssh2 can verify: of RSA keys the host shows the bare key instead. */
const hostAlgorithms = [
  'ssh-ed25519-cert-v01@openssh.com',
  'ecdsa-sha2-nistp256-cert-v01@openssh.com',
  'ecdsa-sha2-nistp384-cert-v01@openssh.com',
  'ecdsa-sha2-nistp521-cert-v01@openssh.com',
];

/** Asks the host for a certificate rather than a bare key. Call it between connect() and the first packet. */
export function acceptHostCertificates(client: Client): void {
  const protocol = protocolOf(client);
  const { lists, constructor: KexInit } = protocol._offer;
  const flat = (of: Offer['lists']['cs']) =>
    Object.fromEntries(Object.entries(of).map(([name, { array }]) => [name, array]));
  protocol._offer = new KexInit({
    kex: lists.kex.array,
    serverHostKey: [...hostAlgorithms, ...lists.serverHostKey.array],
    cs: flat(lists.cs),
    sc: flat(lists.sc),
  }) as Protocol['_offer'];
  let exchange: KexExchange | undefined;
  Object.defineProperty(protocol, '_kex', {
    configurable: true,
    get: () => exchange,
    set: (next: KexExchange | undefined) => {
      exchange = next;
      if (next && isCertificate(next.negotiated.serverHostKey)) verifyWithKeyInside(next);
    },
  });
}

/**
 * The exchange hash covers the whole certificate; the signature over it is by the key inside. ssh2 asks for our
 * public key exactly between the two, and from there on sees that key in the certificate's place.
 */
function verifyWithKeyInside(exchange: KexExchange): void {
  const { finish, getPublicKey } = exchange;
  exchange.finish = (partial) => {
    exchange.getPublicKey = () => {
      if (isCertificate(exchange.negotiated.serverHostKey)) {
        exchange._hostKey = readCertificate(exchange._hostKey).key;
        exchange.negotiated.serverHostKey = withoutCertificate(exchange.negotiated.serverHostKey);
      }
      return getPublicKey.call(exchange);
    };
    return finish.call(exchange, partial);
  };
}

/** Signs in with certificates: `certificateOf` names the certificate of a key that ssh2 is about to try. */
export function offerUserCertificates(
  client: Client,
  certificateOf: (key: ParsedKey) => Buffer | undefined,
): void {
  const protocol = protocolOf(client);
  const { authPK } = protocol;
  protocol.authPK = (user, key, algorithm, sign) => {
    const certificate = certificateOf(key);
    if (certificate === undefined) authPK.call(protocol, user, key, algorithm, sign);
    else if (typeof algorithm === 'function') tryCertificate(protocol, { user, key, certificate }, algorithm);
    else tryCertificate(protocol, { user, key, certificate, algorithm }, sign);
  };
}

/** RFC 4252, section 7, with the certificate in the key's place; the signature keeps the key's own algorithm. */
function tryCertificate(
  protocol: Protocol,
  what: { user: string; key: ParsedKey; certificate: Buffer; algorithm?: string | undefined },
  sign: Sign | undefined,
): void {
  const signature = what.algorithm ?? what.key.type;
  const request = Buffer.concat([
    Buffer.from([50]),
    wireString(what.user),
    wireString('ssh-connection'),
    wireString('publickey'),
    Buffer.from([sign ? 1 : 0]),
    wireString(`${signature}-cert-v01@openssh.com`),
    wireString(what.certificate),
  ]);
  if (!sign) {
    send(protocol, request);
    return;
  }
  const { sessionID } = protocol._kex as unknown as { sessionID: Buffer };
  sign(Buffer.concat([wireString(sessionID), request]), (value) => {
    const raw = signature.startsWith('ecdsa-') ? pairOf(value) : value;
    const signed = Buffer.concat([wireString(signature), wireString(raw)]);
    send(protocol, Buffer.concat([request, wireString(signed)]));
  });
}

function send(protocol: Protocol, payload: Buffer): void {
  const { write } = protocol._packetRW;
  const start = write.allocStart;
  const packet = write.alloc(payload.length);
  packet.set(payload, start);
  const final = write.finalize(packet);
  protocol._authsQueue.push('publickey');
  // During a new key exchange nothing else may be sent: ssh2 sends its queue afterwards.
  if (protocol._kexinit === undefined) protocol._cipher.encrypt(final);
  else protocol._queue = [...(protocol._queue ?? []), final];
}

/** The two integers of an ECDSA signature in DER, as SSH writes them. One that is not DER is returned as it is. */
function pairOf(der: Buffer): Buffer {
  if (der[0] !== 0x30) return der;
  const integers: Buffer[] = [];
  let at = (der[1] ?? 0) & 0x80 ? 3 : 2;
  while (at + 2 <= der.length && der[at] === 0x02) {
    const length = der[at + 1] ?? 0;
    integers.push(wireString(der.subarray(at + 2, at + 2 + length)));
    at += 2 + length;
  }
  return Buffer.concat(integers);
}

/** The certificate of a `*-cert.pub` file, and the key that it certifies. Throws WireError. */
export function readUserCertificate(text: string): { blob: Buffer; key: Buffer } {
  const blob = Buffer.from(text.trim().split(/\s+/)[1] ?? '', 'base64');
  new WireReader(blob).text();
  return { blob, key: readCertificate(blob).key };
}
