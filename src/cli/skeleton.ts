/** The firebreak.yaml that `init` writes: valid as it is, and everything in it explained. */
export const configSkeleton = `# What this organisation has. Secrets never stand here: only where to read them
# ({env: NAME}, {file: PATH} or {file: PATH, key: NAME}). Check it with: firebreak doctor
firebreak: 1
organisation: Our organisation

# Where systems run. Credentials of critical ones are rotated last, after the others went well.
environments:
  - { name: production, critical: true }
  - { name: staging }
  - { name: test }

# Who holds credentials of ours. The ids are those that advisories use (firebreak advisory list).
suppliers:
  - { id: okta, name: Okta }

# Who gets replacements. A hand-off file is sealed to all recipients (make one with: age-keygen).
owners: []
#  - name: platform-team
#    email: platform@example.com
#    recipients: [age1...]

# What Firebreak may ask and change. What each connector needs: firebreak connector list
systems: []
#  - name: core-db
#    connector: postgres
#    environment: production
#    owner: platform-team
#    suppliers: [okta]
#    hosts: [core-db.example.com]        # names under which scans may meet it
#    config:
#      host: core-db.example.com
#      port: 5432
#      user: firebreak_admin
#      password: { env: CORE_DB_PASSWORD }
#    # Where the present secrets can be read, and where new ones go; {name} is the credential's name.
#    oldSecret: { file: "/etc/apps/{name}.env", key: DB_PASSWORD }
#    delivery: { kind: env-file, path: "/etc/apps/{name}.env", key: DB_PASSWORD }

# How files of others are read: firebreak inventory import accounts.csv --mapping cmdb
imports: {}
#  cmdb:
#    format: csv
#    source: cmdb
#    fields: { system: application, name: account, owner: team, environment: stage }
#    defaults: { kind: password, class: password }

policy:
  approvals: 1              # people who must approve a plan
  negativeProbes: 2         # how often a dead credential is tried, within the system's lock-out rule
  handOffFolder: ./handoff
  waves: { canary: 5, size: 1000, failureRateMax: 0.02 }
`;
