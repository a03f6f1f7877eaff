/** Files with secrets that whoever was on the host may have read. Only salted fingerprints leave the host. */
import { fieldsOf, filesOf } from '../collector/records.ts';
import { artifact, fact, fileFact } from './artifact.ts';

export const secrets = artifact({
  id: 'secrets',
  title: 'Files with secrets',
  what: 'Environment files, credentials of cloud tools, private keys: the names of the variables, and of each value the first 16 digits of SHA-256 over our salt and the value.',
  techniques: ['T1552.001', 'T1552.004'],
  cost: 'full',
  secondsMax: 30,
  withoutRoot: 'without root the files of other accounts cannot be read',
  script: String.raw`
i_=$IFS; IFS=$NL; set -- $(there /srv /opt /var/www /etc /app /data /usr/local/etc; homes)
IFS=$i_
LIST=$(within 12 find "$@" -xdev -maxdepth 6 \( -name node_modules -o -name .git -o -name .cache -o -name site-packages \) -prune -o -type f -size -128k \( -name .env -o -name '.env.*' -o -name '*.env' -o -name credentials -o -name .netrc -o -name .pgpass -o -name .my.cnf -o -name .npmrc -o -name .pypirc -o -name .git-credentials -o -name .vault-token -o -path '*/.docker/config.json' -o -path '*/.kube/config' -o -path '*/etc/kubernetes/*.conf' -o -name 'id_rsa' -o -name 'id_ed25519' -o -name 'id_ecdsa' -o -name 'id_dsa' -o -name '*.pem' -o -name '*.key' -o -name '*.kdbx' -o -name '*.jks' \) ! -path '/etc/ssl/certs/*' ! -path "*$NL*" -print | head -n 500)
list() { [ -z "$LIST" ] || printf '%s\n' "$LIST" | tr '\n' '\0'; }
list | meta
list | xargs -0 -r grep -lE -e '-----BEGIN ([A-Z]+ )*PRIVATE KEY' 2>/dev/null | sed "s/^/$N$TAB""private$TAB/"
# A line NAME=VALUE or "name": "value" gives the name, and the value's fingerprint.
has sha256sum && list | xargs -0 -r awk '
  length($0) < 4000 && match($0, /[A-Za-z0-9_.-]*([Pp][Aa][Ss][Ss]|[Ss][Ee][Cc][Rr][Ee][Tt]|[Tt][Oo][Kk][Ee][Nn]|[Kk][Ee][Yy]|[Cc][Rr][Ee][Dd]|[Aa][Uu][Tt][Hh]|_URL|DSN)[A-Za-z0-9_.-]*"?[ \t]*[=:][ \t]*/) {
    name = substr($0, RSTART, RLENGTH); gsub(/[" \t=:]/, "", name)
    value = substr($0, RSTART + RLENGTH); gsub(/^["\047]|["\047,; \t\r]+$/, "", value)
    if (length(value) >= 6 && value !~ /^[$<{]/) print FILENAME "\t" name "\t" value
  }' 2>/dev/null | head -n 300 | while IFS=$TAB read -r f n v; do r secret "$n" "$(printf '%s%s' "$SALT" "$v" | sha256sum | cut -c1-16)" "$f"; done
`,
  parse: ({ rows }) => {
    const keys = new Set(rows.filter(({ tag }) => tag === 'private').map(({ text }) => text));
    return [
      ...filesOf(rows).map((file) => {
        const isKey = keys.has(file.path);
        const technique = isKey ? 'T1552.004' : 'T1552.001';
        return fileFact('secrets', file, { technique, detail: { kind: isKey ? 'private-key' : 'file' } });
      }),
      ...rows.flatMap(({ tag, text }) => {
        if (tag !== 'secret') return [];
        const [name = '', mark = '', path = ''] = fieldsOf(text, 2);
        const value = `fingerprint ${mark}`;
        return [
          fact({
            artifact: 'secrets',
            key: `${path} ${name}`,
            value,
            technique: 'T1552.001',
            path,
            detail: { kind: 'secret', name },
          }),
        ];
      }),
    ];
  },
});
