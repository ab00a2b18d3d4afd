/** A statement and what its answer must look like. */
type Line = readonly [statement: string, expected: RegExp | readonly RegExp[]];

const NOT_SUPPORTED = /CommandNotSupported.*point MONGODB_URI at MongoDB/s;

/** What people type into a shell to look at data, in the order of one session; each statement occurs once. */
export const CHAPTERS: readonly (readonly [title: string, lines: readonly Line[]])[] = [
  [
    'writing and reading documents',
    [
      ['use shop', /shop/],
      [
        `db.items.insertMany(Array.from({ length: 45 }, (_, i) => ({ _id: i, name: 'item' + i, price: i * 1.5, tags: ['a', 'b' + (i % 3)] })))`,
        /acknowledged: true/,
      ],
      [`db.items.insertOne({ _id: 'one', at: ISODate('2024-01-02') })`, /insertedId: 'one'/],
      [`db.items.find().sort({ _id: -1 }).pretty()`, [/_id: 'one'/, /_id: 44/, /Type "it" for more/]],
      ['it', [/_id: 25/, /_id: 6,/, /Type "it" for more/]],
      ['it // the last page', [/_id: 5,/, /_id: 0,/]],
      ['it // nothing left', /no cursor/],
      [
        `db.items.find({ price: { $gt: 3 } }, { name: 1, _id: 0 }).sort({ price: 1 }).skip(1).limit(1)`,
        /\[ \{ name: 'item4' \} \]/,
      ],
      [`db.items.findOne({ name: 'item7' }).price`, /10\.5/],
      ['db.items.count()', /46/],
      ['db.items.countDocuments({ price: { $gte: 60 } })', /5/],
      ['db.items.estimatedDocumentCount()', /46/],
      [`db.items.distinct('tags')`, /\[ 'a', 'b0', 'b1', 'b2' \]/],
      [
        `db.items.aggregate([{ $match: { _id: { $lt: 10 } } }, { $group: { _id: { $arrayElemAt: ['$tags', 1] }, n: { $sum: 1 } } }, { $sort: { _id: 1 } }])`,
        [/_id: 'b0', n: 4/, /_id: 'b2', n: 3/],
      ],
      [`db.items.updateOne({ _id: 'one' }, { $set: { n: 1 } })`, /modifiedCount: 1/],
      [`db.items.updateMany({ _id: { $lt: 3 } }, { $inc: { n: 1 } })`, /matchedCount: 3/],
      [`db.items.replaceOne({ _id: 'one' }, { n: 2 })`, /modifiedCount: 1/],
      [
        `db.items.findOneAndUpdate({ _id: 'one' }, { $inc: { n: 5 } }, { returnDocument: 'after' })`,
        /\{ _id: 'one', n: 7 \}/,
      ],
      [`db.items.findAndModify({ query: { _id: 'one' }, remove: true })`, /\{ _id: 'one', n: 7 \}/],
      [`db.items.deleteOne({ _id: 44 })`, /deletedCount: 1/],
      [
        `db.items.bulkWrite([{ insertOne: { document: { _id: 'x' } } }, { updateOne: { filter: { _id: 'x' }, update: { $set: { y: 1 } } } }, { deleteOne: { filter: { _id: 'x' } } }])`,
        [/insertedCount: 1/, /modifiedCount: 1/, /deletedCount: 1/],
      ],
    ],
  ],
  [
    'databases, collections and indexes',
    [
      ['show dbs', /shop\s+[\d.]+ (B|KiB)/],
      ['show databases', /shop/],
      ['show collections', /items/],
      ['show tables', /items/],
      [`db.items.createIndex({ price: 1 })`, /price_1/],
      [`db.items.createIndex({ name: -1 }, { unique: true, sparse: true })`, /name_-1/],
      [
        'db.items.getIndexes()',
        [/\{ v: 2, key: \{ _id: 1 \}, name: '_id_' \}/, /unique: true/, /sparse: true/],
      ],
      [`db.items.dropIndex('name_-1')`, /nIndexesWas: 3/],
      [`db.createCollection('made')`, /ok: 1/],
      [`db.getCollectionInfos({ name: 'made' })`, [/name: 'made'/, /type: 'collection'/, /idIndex/]],
      [`db.made.renameCollection('renamed')`, /ok: 1/],
      ['db.renamed.drop()', /true/],
      [
        `db.createCollection('capped', { capped: true, size: 1000 })`,
        /InvalidOptions.*point MONGODB_URI at MongoDB/s,
      ],
      [`db.createView('view', 'items', [])`, /InvalidOptions.*point MONGODB_URI at MongoDB/s],
      [`db.items.createIndex({ name: 'text' })`, /CannotCreateIndex.*point MONGODB_URI at MongoDB/s],
      ['db.adminCommand({ listDatabases: 1 })', [/name: 'shop'/, /totalSize/]],
      ['db.runCommand({ listDatabases: 1 })', /Unauthorized.*may only be run against the admin database/s],
    ],
  ],
  [
    'sizes, plans and checks',
    [
      ['db.stats()', [/collections: 1/, /objects: 44/, /indexes: 2/, /indexSize: \d+/]],
      ['db.items.stats()', [/ns: 'shop.items'/, /count: 44/, /price_1: \d+/, /nindexes: 2/]],
      ['db.items.dataSize() === db.items.storageSize()', /true/],
      ['db.items.totalSize() === db.items.dataSize() + db.items.totalIndexSize()', /true/],
      ['db.items.isCapped()', /false/],
      ['db.items.validate()', [/valid: true/, /nrecords: 44/, /price_1: 44/]],
      ['db.items.latencyStats()', NOT_SUPPORTED],
      [`db.items.find({ price: { $gt: 50 } }).explain()`, [/stage: 'IXSCAN'/, /indexName: 'price_1'/]],
      [
        `db.items.find({ price: { $gt: 50 } }).explain('executionStats').executionStats`,
        [/nReturned: 10/, /totalKeysExamined: 10/, /executionTimeMillis: \d+/],
      ],
      [
        `db.items.explain('executionStats').aggregate([{ $match: { price: 3 } }, { $unwind: '$tags' }])`,
        [/\$cursor/, /price_1/],
      ],
      [`db.items.explain('executionStats').remove({ price: 3 })`, [/stage: 'DELETE'/, /nWouldDelete: 1/]],
      ['db.items.countDocuments({ price: 3 })', /1/],
      ['db.items.aggregate([{ $indexStats: {} }])', [/name: 'price_1'/, /host: /]],
    ],
  ],
  [
    'the server',
    [
      ['db.version()', /8\.0\.0/],
      ['db.hello().isWritablePrimary', /true/],
      ['db.serverStatus()', [/process: 'embedded-mongo'/, /uptime: /, /connections: /, /storageEngine/]],
      ['db.hostInfo()', [/hostname: /, /numCores: \d+/]],
      [`db.runCommand('connectionStatus')`, /authenticatedUsers: \[\]/],
      ['db.currentOp()', [/inprog: \[/, /\$currentOp/]],
      ['db.killOp(1)', NOT_SUPPORTED],
      ['db.getProfilingStatus()', /was: 0/],
      ['db.setProfilingLevel(0)', /was: 0/],
      ['db.setProfilingLevel(2)', NOT_SUPPORTED],
      ['show profile', /db.system.profile is empty/],
      ['show logs', /startupWarnings/],
      ['show log startupWarnings', /embedded store/],
      ['show users', /\[\]/],
      ['show roles', /\[\]/],
      ['db.serverCmdLineOpts()', /bindIp: '127\.0\.0\.1'/],
      ['db.listCommands()', [/findAndModify/, /adminOnly/]],
      [`db.commandHelp('validate')`, /compares the indexes/],
      [`db.auth('somebody', 'secret')`, /AuthenticationFailed.*point MONGODB_URI at MongoDB/s],
      [`db.createUser({ user: 'u', pwd: 'p', roles: [] })`, NOT_SUPPORTED],
      ['db.fsyncLock()', NOT_SUPPORTED],
      ['db.shutdownServer()', NOT_SUPPORTED],
      [`db.runCommand({ compact: 'items' })`, NOT_SUPPORTED],
      [`db.runCommand({ nonsense: 1 })`, /CommandNotFound.*no such command: 'nonsense'/s],
    ],
  ],
  [
    'what a single server has not',
    [
      ['rs.status()', /NoReplicationEnabled.*not running with --replSet/s],
      ['rs.conf()', /NoReplicationEnabled/],
      ['rs.initiate()', NOT_SUPPORTED],
      ['sh.status()', /does not have sharding enabled/],
      [`sh.enableSharding('shop')`, NOT_SUPPORTED],
      [
        `session = db.getMongo().startSession(); session.startTransaction(); session.getDatabase('shop').items.findOne()`,
        /IllegalOperation.*Transactions are not supported.*point MONGODB_URI at MongoDB/s,
      ],
      ['session.abortTransaction()', /^(?!.*Error)/s],
      [`db.items.watch()`, /Location40573.*point MONGODB_URI at a MongoDB replica set/s],
      [`db.items.aggregate([{ $out: 'copy' }])`, NOT_SUPPORTED],
    ],
  ],
  [
    'the end',
    [
      ['db.dropDatabase()', /dropped: 'shop'/],
      ['show dbs // nothing is left', /^(?!.*shop\s+\d)/s],
    ],
  ],
];
