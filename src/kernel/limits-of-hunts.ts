/** The bounds of the hunt, as a part of limits.ts, which is where they are used from. */
export const huntLimits = {
  /** Addresses and ranges that one question to the lake names. */
  huntAddressesMax: 500,
  /** The message of an event in a list. */
  huntMessageCharsMax: 500,
  /** Files that the ledger names one by one for one ingest. */
  huntLedgerFilesMax: 100,
  /** Files, hosts and gaps that an answer lists; all are counted. */
  apiListedFilesMax: 1_000,
  coverageListedMax: 100,
  /** Findings of one run, and how many are written at once. */
  huntFindingsMax: 200_000,
  huntBatchRows: 1_000,
  /** Sources and hosts that coverage speaks of, files, and holes in their numbers. */
  coverageHostsMax: 200_000,
  coverageFilesMax: 1_000_000,
  coverageHolesMax: 100_000,
  /** A silence that is shorter is never a gap. */
  coverageGapSecondsMin: 120,
  /** How long a source may be silent that says nothing of it itself. */
  coverageQuietSecondsMax: 24 * 60 * 60,
  /** A silence is a gap when at least as many events are usual in it: by chance it is silent once in 160,000 times. */
  coverageExpectedEventsMin: 12,
  /** Doubts that are kept of one run one by one. */
  huntDoubtsMax: 1_000,
  /** Indicators of one hunt, and of one pass over the lake. */
  huntIndicatorsMax: 20_000,
  huntIndicatorsPerPass: 150,
  /** Sightings of one indicator in one source that are listed; all are counted. */
  huntSightingsMax: 1_000,
  /** Addresses of a range that are also looked for as text. */
  huntRangeAddressesMax: 65_536,
  /** A STIX pattern: its length, its alternatives, brackets in brackets. */
  huntPatternCharsMax: 64 * 1024,
  huntPatternAlternativesMax: 1_000,
  huntPatternNestingMax: 64,
  /** Things that one answer about access names, how many of them are kept with the run, and readers that are listed. */
  accessResourcesMax: 500_000,
  accessResourcesKept: 10_000,
  accessReadersMax: 200,
  /** Names in the report that an estate's totals are given by, and words of titles that are listed. */
  accessTotalsMax: 1_000,
  accessTopicsMax: 20,
  /** Classes of data that firebreak.yaml may name, and the stores of each. */
  dataClassesMax: 100,
  dataStoresMax: 200,
  /** A pause this long between two acts begins a new session; one this long is a line of the timeline. */
  sessionGapSeconds: 30 * 60,
  timelinePauseSecondsMin: 24 * 60 * 60,
  /** Sessions of one timeline, and rows that it reads at once. */
  timelineSessionsMax: 100_000,
  timelinePageRows: 1_000,
  /** Rounds of following what was made, names followed in one round, and making events that one round finds. */
  descendantRoundsMax: 64,
  descendantPrincipalsMax: 20_000,
  descendantEventsMax: 200_000,

  /** Sigma rules of one run, and of one pass over the lake. */
  sigmaRulesMax: 20_000,
  sigmaRulesPerPass: 300,
  /** Brackets and nots in one another in a condition. */
  sigmaConditionNestingMax: 64,
  /** Values that the placeholders of one value stand for. */
  sigmaExpandedValuesMax: 20_000,
  /** Rules of one correlation, correlations in one another, and fields that one groups or counts by. */
  sigmaCorrelationRulesMax: 32,
  sigmaCorrelationNestingMax: 8,
  sigmaGroupFieldsMax: 16,
  /** Matches of one rule that become findings, the first ones; all are counted. */
  sigmaFindingsPerRuleMax: 1_000,
  /** Events that the correlations of one run are about. */
  sigmaCorrelationEventsMax: 2_000_000,
  /** Events that a correlation's finding names beside its own. */
  sigmaCorrelationSamplesMax: 20,
} as const;
