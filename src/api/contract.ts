/** Everything that goes over the wire, as schemas and their types: what clients may import. */
export * from './contract/advisories.ts';
export * from './contract/errors.ts';
export * from './contract/evidence.ts';
export * from './contract/exposures.ts';
export * from './contract/hunt-access.ts';
export * from './contract/hunt-sigma.ts';
export * from './contract/hunts.ts';
export * from './contract/incidents.ts';
export * from './contract/installation.ts';
export * from './contract/inventory.ts';
export * from './contract/jobs.ts';
export * from './contract/logs.ts';
export * from './contract/plans.ts';
export * from './contract/reboots.ts';
export * from './contract/rotations.ts';
export * from './contract/triage.ts';
