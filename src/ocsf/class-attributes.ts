/**
 * What OCSF 1.8 (schema.ocsf.io/1.8.0) says of the root of each class that Firebreak maps to, as far as our
 * columns touch it: which attributes a class lacks, and which it asks for that a log may be silent about.
 */

/** Attributes of our columns that a class does not have; what they say is exported under `unmapped`. */
export const lacking: Readonly<Record<number, readonly string[]>> = {
  1001: [
    'src_endpoint',
    'dst_endpoint',
    'http_request',
    'http_response',
    'traffic',
    'user',
    'group',
    'privileges',
    'resources',
    'process',
    'auth_protocol',
  ],
  1007: [
    'src_endpoint',
    'dst_endpoint',
    'http_request',
    'http_response',
    'traffic',
    'user',
    'group',
    'privileges',
    'resources',
    'file',
    'auth_protocol',
  ],
  3001: ['dst_endpoint', 'traffic', 'group', 'privileges', 'resources', 'process', 'file', 'auth_protocol'],
  3002: ['traffic', 'group', 'privileges', 'resources', 'process', 'file'],
  3003: ['traffic', 'resources', 'process', 'file', 'auth_protocol'],
  3004: [
    'dst_endpoint',
    'traffic',
    'user',
    'group',
    'privileges',
    'resources',
    'process',
    'file',
    'auth_protocol',
  ],
  3005: ['dst_endpoint', 'traffic', 'group', 'process', 'file', 'auth_protocol'],
  3006: ['dst_endpoint', 'traffic', 'resources', 'process', 'file', 'auth_protocol'],
  4001: [
    'http_request',
    'http_response',
    'user',
    'group',
    'privileges',
    'resources',
    'process',
    'file',
    'auth_protocol',
  ],
  4002: ['user', 'group', 'privileges', 'resources', 'process', 'auth_protocol'],
  4007: [
    'http_request',
    'http_response',
    'user',
    'group',
    'privileges',
    'resources',
    'process',
    'auth_protocol',
  ],
  6001: ['traffic', 'user', 'group', 'privileges', 'resources', 'process', 'file', 'auth_protocol'],
  6002: [
    'src_endpoint',
    'dst_endpoint',
    'http_request',
    'http_response',
    'traffic',
    'user',
    'group',
    'privileges',
    'resources',
    'process',
    'file',
    'auth_protocol',
  ],
  6003: ['traffic', 'user', 'group', 'privileges', 'process', 'file', 'auth_protocol'],
  6005: ['traffic', 'user', 'group', 'privileges', 'resources', 'process', 'file', 'auth_protocol'],
};

/** Where a class that lacks `resources` has the main thing acted on instead. */
export const resourceAttribute: Readonly<Record<number, string>> = {
  3004: 'entity',
  3006: 'resource',
  6001: 'web_resources[0]',
  6002: 'app',
};

/** Who and where from, which these classes ask for: a log that is silent about it has them as unknown. */
export const asked: Readonly<
  Record<number, readonly ('actor' | 'src_endpoint' | 'dst_endpoint' | 'device')[]>
> = {
  1001: ['actor', 'device'],
  1007: ['actor', 'device'],
  3002: ['dst_endpoint'],
  6003: ['actor', 'src_endpoint'],
  6005: ['actor', 'src_endpoint'],
};
