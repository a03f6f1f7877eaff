/**
 * Every bound in Firebreak, in one place. Units come last in each name.
 * A limit that is reached is reported (an error, a rejected line, a census member), never silent.
 */
import { huntLimits } from './limits-of-hunts.ts';

export const limits = {
  /** Batches of one system that run at a time: enough to keep it busy while others write their checkpoints. */
  engineSystemBatchesMax: 8,
  /** Files read whole: YAML and JSON documents such as advisories and firebreak.yaml. */
  documentBytesMax: 8 * 1024 * 1024,
  /** Faults listed for one bad input before the rest is only counted. */
  faultsListedMax: 100,
  /** One text of an advisory. */
  advisoryTextCharsMax: 4_000,

  /** One record (CSV row, NDJSON line, array element) of an import. */
  importRecordBytesMax: 1024 * 1024,
  /** Records of one import file. */
  importRecordsMax: 5_000_000,
  /** Names and other short texts of an imported record. */
  importTextCharsMax: 1_024,
  /** Brackets in brackets in an imported JSON file. */
  importNestingMax: 512,
  /** A field name at the root of an imported JSON document; no longer one is looked for. */
  importKeyBytesMax: 256,
  /** What is read of a file in order to tell its format. */
  importSniffBytes: 256 * 1024,
  /** Rows written to the inventory in one statement. */
  inventoryBatchRows: 2_000,

  /** One entry of a HAR file; larger entries are reported and skipped. */
  scanEntryBytesMax: 64 * 1024 * 1024,
  /** One line of scanned text; longer lines are scanned in overlapping windows. */
  scanLineBytesMax: 1024 * 1024,
  /** How deep archives in archives and encodings in encodings are followed. */
  scanNestingMax: 4,
  /** Bytes that one archive may expand to. */
  scanArchiveBytesMax: 4 * 1024 * 1024 * 1024,
  /** A zip inside another archive is read whole, because its directory stands at its end. */
  scanInnerZipBytesMax: 256 * 1024 * 1024,
  /** Bytes handed to a scanning thread at once, and read at once. */
  scanBatchBytes: 4 * 1024 * 1024,
  /** How far two windows of one text overlap; longer secrets may be cut at a window's end. */
  scanOverlapBytes: 64 * 1024,
  /** How deep objects and arrays may stand in one another in a HAR file. */
  scanDepthMax: 512,
  /** Broken places of one HAR file that are skipped before the rest is scanned as text. */
  scanFaultsMax: 1_000,
  /** Places of one secret in one file that become hits; the others are counted. */
  scanPlacesPerSecretMax: 5,
  /** Secrets of one file that are held back to count their places. */
  scanSecretsPendingMax: 20_000,
  /** A SAML message after inflation. */
  scanSamlBytesMax: 1024 * 1024,
  /** Less than this is scanned faster in this thread than by starting others. */
  scanThreadsBytesMin: 16 * 1024 * 1024,
  /** Secrets that one `--sanitise` replaces. */
  sanitiseSecretsMax: 100_000,

  /** One ledger entry, canonical JSON. Entry tiles give each length in two bytes, so 64 KiB would be one too many. */
  ledgerEntryBytesMax: 64 * 1024 - 1,
  /** Entries signed by one checkpoint. */
  ledgerBatchEntriesMax: 5_000,
  /** The kind, the actor and the incident of an entry; together they fit into one index row. */
  ledgerNameBytesMax: 600,
  /** The subject of an entry. */
  ledgerSubjectBytesMax: 2_000,
  /** How long a batch waits for another process that is writing to the ledger. */
  ledgerLockMsMax: 30_000,
  /** One signed note: a checkpoint with its signatures. */
  noteBytesMax: 64 * 1024,
  /** Raw output on one line of a bundle: a multiple of three, so that the lines of one output are one base64. */
  bundleRawPartBytes: 96 * 1024,
  /** Raw outputs that are named as missing from an export. */
  bundleMissingListedMax: 20,
  /** One line of a bundle. */
  bundleLineBytesMax: 160 * 1024,
  /** Entries that an export reads at once. */
  bundlePageEntries: 500,

  /** Hits of a scan recorded together, and named in one ledger entry. */
  scanRecordBatchHits: 200,
  /** File errors of one scan that are kept and listed; all are counted. */
  scanErrorsListedMax: 1_000,
  /** How far ahead an exception may end. */
  exceptionDaysMax: 90,

  /** Credentials one batch workflow takes through the stages together. */
  rotationBatchCredentials: 128,
  /** Negative probes of one credential in one proof, however high its lock-out rule is. */
  probesNegativeMax: 5,
  /** What a Redis server may answer to a login: HELLO names its modules. */
  redisLoginBytesMax: 64 * 1024,
  /** Derivations of passwords that a session with PostgreSQL remembers, and for how long: those of the batches under way. */
  scramRememberedMax: 4_096,
  scramRememberedMsMax: 60_000,
  /** Roles that one administrative statement at PostgreSQL serves. */
  postgresTogetherMax: 64,
  /** Iterations that a server may ask of a login. */
  scramIterationsMax: 1_000_000,
  /** A single call to a target system. */
  targetCallMsMax: 15_000,
  /** How long closing the connections to a target may take before they are cut. */
  targetCloseMsMax: 2_000,
  /** How long sessions that were told to end may take to be gone. */
  sessionEndMsMax: 5_000,
  /** Rows of one batch of a discovery. */
  discoverBatchRows: 1_000,
  /** One answer of a web application. */
  httpBodyBytesMax: 4 * 1024 * 1024,
  /** Pages of one listing of a web application. */
  httpPagesMax: 10_000,

  /** Bodies accepted by the API. */
  apiBodyBytesMax: 32 * 1024 * 1024,
  /** Requests a caller may make in a minute. */
  apiRequestsPerMinuteMax: 6_000,
  /** Rows in one page of a list. */
  apiPageRowsMax: 1_000,
  /** Jobs that run at a time in one process. */
  apiJobsRunningMax: 8,
  /** Finished jobs whose results are kept. */
  apiJobsKeptMax: 100,
  /** Names, texts and paths that a request carries. */
  apiNameCharsMax: 200,
  apiTextCharsMax: 4_000,
  apiPathCharsMax: 4_096,
  /** Paths of one scan. */
  apiPathsMax: 10_000,
  /** How long the headers of a request, and a whole request, may take to arrive. */
  apiHeadersMsMax: 10_000,
  apiRequestMsMax: 60_000,
  /** How long requests under way may take to end when the server closes. */
  apiCloseMsMax: 10_000,

  /** Hosts of the inventory; names in one host's `after`; fields of a list of hosts that are kept as they are. */
  hostsMax: 1_000_000,
  hostAfterMax: 64,
  hostAttributesMax: 64,
  /** Patterns of one selection of hosts. */
  hostPatternsMax: 1_000,

  /** Hosts that one batch of an examination takes on, and how many of them are held at a time. */
  triageBatchHosts: 250,
  triageHostsAtOnceMax: 64,
  /** How long the script may run on one host. */
  triageScriptMsMax: 600_000,
  /** Hosts and bytes of facts that are written together. */
  triageGroupHosts: 100,
  triageGroupBytes: 4 * 1024 * 1024,
  /** How long what a host sent may wait for others before it is written. */
  triageGroupMsMax: 2_000,
  /** Hosts listed as outstanding; all are counted. */
  triageListedMax: 1_000,
  /** One record of a collection that was made elsewhere, and the facts of all hosts of one file. */
  triageImportRecordBytesMax: 16 * 1024 * 1024,
  triageImportFactsMax: 5_000_000,

  /** Fewer peers than this say nothing of what is rare: the whole fleet is compared then. */
  stackPeersMin: 5,
  /** Outliers that one stacking may give. */
  stackOutliersMax: 10_000,
  /** Principals and indicators that facts are compared with. */
  stackNamesMax: 20_000,

  /** Rows of one table in the body of a report; its appendices have no limit. */
  reportRowsMax: 500,
  /** Rows that a report reads and writes at once. */
  reportPageRows: 1_000,

  /** Who waits for a lock says so this often. */
  storeLockWaitMs: 1_000,
  /** A worker that has not renewed its lease for this long is taken for dead. */
  workerLeaseMs: 10_000,
  workerHeartbeatMs: 2_000,

  /** Rows and time of one whole read of the lake, by default. */
  lakeReadRowsMax: 1_000_000,
  lakeReadMsMax: 120_000,
  /** Time of one read row by row, by default: the reader may be slow. */
  lakeStreamMsMax: 3_600_000,
  /** How long after its time a read may take to end before its engine is ended. */
  lakeReadGraceMs: 10_000,
  /** How often the embedded engine is asked whether it lives, and how long it may owe the answer while it works. */
  lakePingMs: 1_000,
  lakeSilenceMsMax: 30_000,
  /** Memory of one statement, and of the embedded engine as a whole. */
  lakeStatementMemoryBytesMax: 2 * 1024 * 1024 * 1024,
  lakeMemoryBytesMax: 2_500 * 1024 * 1024,
  /** A statement sorts and groups in files beyond this. */
  lakeSpillBytes: 512 * 1024 * 1024,
  /** The text of one statement: a batch of Sigma rules is one. Parameters count too. */
  lakeStatementBytesMax: 16 * 1024 * 1024,
  /** The text of a statement that a person hands in. */
  lakeQueryBytesMax: 64 * 1024,
  /** Nodes of its syntax tree. */
  lakeQueryNodesMax: 100_000,
  /** Rows, seconds and memory of it: as usual, and at most. */
  lakeQueryRowsUsual: 1_000,
  lakeQueryRowsMax: 100_000,
  lakeQuerySecondsUsual: 60,
  lakeQuerySecondsMax: 600,
  lakeQueryMemoryBytesMax: 1024 * 1024 * 1024,
  /** What it gives back, as JSON. */
  lakeQueryAnswerBytesMax: 64 * 1024 * 1024,
  /** One message between this process and the embedded engine's. */
  lakeFrameBytesMax: 1024 * 1024,
  /** One row of an answer, as JSON. */
  lakeRowBytesMax: 256 * 1024 * 1024,
  /** Statements that run at a time; more of them wait. */
  lakeStatementsMax: 8,
  /** How long the embedded engine may take to open its folder, and to close it. */
  lakeOpenMsMax: 60_000,
  lakeCloseMsMax: 10_000,
  /** One record of a log; longer ones are rejected, with the beginning of them kept. */
  ingestRecordBytesMax: 16 * 1024 * 1024,
  /** What is kept of a record that is too long to keep. */
  ingestRejectRawBytesMax: 64 * 1024,
  /** A file whose lines are all shorter than this is read by the engine itself. */
  ingestFastLineBytesMax: 1024 * 1024,
  /** Bytes read from a log at once, and those from which on a file is hashed in a thread of its own. */
  ingestPieceBytes: 4 * 1024 * 1024,
  /** Bytes that are hashed or searched at once: they stay in a core's own cache. */
  ingestSliceBytes: 64 * 1024,
  /** The pieces that compressed data is expanded into. */
  ingestInflatedBytes: 1024 * 1024,
  /** The window that zstd data may need. */
  ingestZstdWindowBytesMax: 128 * 1024 * 1024,
  /** Records cut here are handed to the engine in files of this size, so many at a time. */
  ingestSegmentBytes: 48 * 1024 * 1024,
  ingestSegmentsMax: 2,
  /** Rows of so many bytes make one part of a table. */
  ingestBlockBytes: 64 * 1024 * 1024,
  /** The engine reads records in blocks of so many bytes. */
  ingestReadBlockBytes: 8 * 1024 * 1024,
  /** Small files are loaded together: so many, of so many bytes. */
  ingestGroupFilesMax: 256,
  ingestGroupBytes: 32 * 1024 * 1024,
  /** Streams that map and write at a time within one insert. */
  ingestThreads: 2,
  /** Of the first line, which tells what a file may have grown from; and how many such files are considered. */
  ingestHeadBytesMax: 64 * 1024,
  ingestKnownContentsMax: 200,
  /** Files of one ingest. */
  ingestFilesMax: 1_000_000,
  /** How often a file is begun again because the engine ended under it. */
  ingestAttemptsMax: 3,
  /** Reasons of rejects that are named for one file. */
  ingestReasonsMax: 5,
  /** What is read of a log, and how many of its records, in order to tell its source. */
  ingestSniffBytes: 4 * 1024 * 1024,
  ingestSniffRecordsMax: 200,
  /** Records of one file on which the engine itself may fail before the file is given up. */
  ingestFailuresMax: 1_000,
  /** Brackets in brackets in a JSON log. */
  ingestNestingMax: 10_000,
  /** How often a statement of the lake that is followed is looked up. */
  lakeProgressMs: 500,

  // What the hunt may take: limits-of-hunts.ts.
  ...huntLimits,

  /** What is gathered of one practice log before it is written. */
  practiceLogPieceBytes: 1024 * 1024,
  /** Records that the practice logs may be asked for. */
  practiceLogEventsMax: 100_000_000,

  /** A hook or command of firebreak.yaml that is run on a host, and how long it may take. */
  rebootHookCharsMax: 64 * 1024,
  rebootHookMsMax: 10 * 60 * 1000,
  /** What a host's identity is read with: bytes and time. */
  rebootProbeBytesMax: 64 * 1024,
  rebootProbeMsMax: 20_000,
  /** How often a host that restarts is asked whether it is back. */
  rebootPollMs: 2_000,
  /** After a restart was asked for and the answer was lost, it is not asked for again before this. */
  rebootGraceMs: 20_000,
  /** Hosts of one batch, and of one plan. */
  rebootBatchHosts: 50,
  rebootHostsMax: 200_000,
  /** Outstanding hosts that the status of all plans lists. */
  rebootStatesListedMax: 1_000,

  /** Private keys, and certificates, that are tried on a host. */
  sshIdentitiesMax: 20,

  /** One artifact of the collector on one host: seconds, and bytes of output; each artifact may ask for less. */
  collectArtifactSecondsMax: 60,
  collectArtifactBytesMax: 8 * 1024 * 1024,
  /** How many times that an artifact may take where the host is busy, or was too slow before. */
  collectPatienceMax: 3,
  /** After so long on one host no further artifact is begun: the last one still ends before triageScriptMsMax. */
  collectHostSecondsMax: 360,
  /** All output of one host, as it arrives. More is not read. */
  collectOutputBytesMax: 64 * 1024 * 1024,
  /** One line of the collector's output. */
  collectLineBytesMax: 64 * 1024,
  /** One file whose text is collected: more of it is cut off. */
  collectFileBytesMax: 64 * 1024,
  /** Facts of one artifact on one host, and the length of each text of a fact. */
  collectFactsMax: 50_000,
  collectTextCharsMax: 4_096,
  /** The text of a file in a fact, without its comments. */
  collectFileTextCharsMax: 16 * 1024,
  /** From this score on, of 100, a finding of one host is named. */
  hostFindingScoreLine: 50,
  /** Findings of one host. */
  hostFindingsMax: 2_000,
  /** Includes in includes of an ssh_config, and jump hosts on the way to a host. */
  sshConfigIncludesMax: 16,
  sshJumpsMax: 8,
  /** What a host may send before we are signed in: banners and the handshake. */
  sshHandshakeBytesMax: 512 * 1024,
  /** What a host may send beside its output: protocol, standard error, noise of its login scripts. */
  sshOverheadBytesMax: 4 * 1024 * 1024,
  /** What may stand before the first word of a script's own output. */
  sshNoiseBytesMax: 64 * 1024,
  /** The last part of standard error that is kept. */
  sshErrorTailBytesMax: 4 * 1024,
  /** How long a script's output may stay open after it ended: a child that it left behind holds it. */
  sshLingerMs: 2_000,
  /** A host that says nothing is asked so often whether it is still there, so many times. */
  sshKeepAliveMs: 15_000,
  sshKeepAliveCountMax: 3,
  /** A jump connection without work is closed after this long; one that failed is not tried again before. */
  sshJumpIdleMs: 30_000,
  sshJumpRetryMs: 10_000,
  /** Time-outs one after the other after which a subnet or a jump host is slowed down, and to how little. */
  sshTimeoutsBeforeBackOff: 3,
  sshBackOffHostsMin: 8,
  sshBackOffMsMax: 2_000,

  /** A declared log mapping: a path, a value or a title, and the steps of a path. */
  logMappingTextCharsMax: 512,
  logMappingStepsMax: 16,
  /** The latest time of an event that the lake keeps: the end of the year 2299. */
  lakeTimeMsMax: 10_413_791_999_999,
} as const;
