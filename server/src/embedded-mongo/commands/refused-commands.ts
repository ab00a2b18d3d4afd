import { notSupported, StoreError } from '../errors.js';

/** Commands that MongoDB has and the store has not, by what they belong to. Any other name is unknown to both. */
const REFUSED: ReadonlySet<string> = new Set([
  // reading and writing
  ...[
    'bulkWrite',
    'mapReduce',
    'mapreduce',
    'dbHash',
    'dbhash',
    'filemd5',
    'planCacheClear',
    'planCacheClearFilters',
  ],
  ...['planCacheListFilters', 'planCacheSetFilter', 'setQuerySettings', 'removeQuerySettings'],
  ...['createSearchIndexes', 'dropSearchIndex', 'listSearchIndexes', 'updateSearchIndex'],
  // users and roles
  ...['authenticate', 'createUser', 'dropAllUsersFromDatabase', 'dropUser', 'grantRolesToUser'],
  ...['revokeRolesFromUser', 'updateUser', 'createRole', 'dropAllRolesFromDatabase', 'dropRole'],
  ...['grantPrivilegesToRole', 'grantRolesToRole', 'invalidateUserCache', 'revokePrivilegesFromRole'],
  ...['revokeRolesFromRole', 'updateRole', 'getAuditConfig', 'setAuditConfig', 'logApplicationMessage'],
  // transactions and replication
  ...['abortTransaction', 'commitTransaction', 'appendOplogNote', 'applyOps', 'replSetAbortPrimaryCatchUp'],
  ...['replSetFreeze', 'replSetInitiate', 'replSetMaintenance', 'replSetReconfig', 'replSetResizeOplog'],
  ...['replSetStepDown', 'replSetSyncFrom', 'getDefaultRWConcern', 'setDefaultRWConcern'],
  // sharding
  ...['abortReshardCollection', 'addShard', 'addShardToZone', 'analyzeShardKey', 'balancerCollectionStatus'],
  ...['balancerStart', 'balancerStatus', 'balancerStop', 'checkMetadataConsistency', 'checkShardingIndex'],
  ...[
    'cleanupOrphaned',
    'cleanupReshardCollection',
    'commitReshardCollection',
    'configureCollectionBalancing',
  ],
  ...['configureQueryAnalyzer', 'enableSharding', 'flushRouterConfig', 'getShardMap', 'getShardVersion'],
  ...['listShards', 'mergeAllChunksOnShard', 'mergeChunks', 'moveChunk', 'moveCollection', 'movePrimary'],
  ...['moveRange', 'refineCollectionShardKey', 'removeShard', 'removeShardFromZone', 'reshardCollection'],
  ...[
    'setAllowMigrations',
    'setShardVersion',
    'shardCollection',
    'shardConnPoolStats',
    'shardingState',
    'split',
  ],
  ...['splitVector', 'transitionFromDedicatedConfigServer', 'transitionToDedicatedConfigServer'],
  ...['unshardCollection', 'updateZoneKeyRange'],
  // running a server
  ...['autoCompact', 'cleanupStructuredEncryptionData', 'cloneCollectionAsCapped', 'compact'],
  ...['compactStructuredEncryptionData', 'connPoolStats', 'convertToCapped', 'dropConnections'],
  ...['getClusterParameter', 'killOp', 'lockInfo', 'logRotate', 'reIndex', 'rotateCertificates'],
  ...['setClusterParameter', 'setFeatureCompatibilityVersion', 'setIndexCommitQuorum', 'setParameter'],
  ...['setUserWriteBlockMode', 'shutdown', 'top', 'validateDBMetadata'],
]);

/** Why a command without a handler is refused, with the code MongoDB's clients expect in that case. */
export function refusalOf(name: string): StoreError {
  if (name === 'replSetGetStatus' || name === 'replSetGetConfig') {
    return new StoreError(
      'NoReplicationEnabled',
      'not running with --replSet: the embedded store is a single server; point MONGODB_URI at a MongoDB replica set',
    );
  }
  if (name === 'saslStart' || name === 'saslContinue') {
    return new StoreError(
      'AuthenticationFailed',
      'Authentication failed: the embedded store has no users; connect without a name, or point MONGODB_URI at MongoDB',
    );
  }
  if (REFUSED.has(name)) return notSupported(`'${name}'`);
  return new StoreError('CommandNotFound', `no such command: '${name}'`);
}
