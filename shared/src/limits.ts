export interface Limit {
  readonly value: number;
  readonly unit: 'bytes' | 'characters' | 'items' | 'levels' | 'ms';
  /** Why this number. */
  readonly why: string;
  /** The error code a client gets beyond it, where one does. */
  readonly error?: string;
}

const limit = (value: number, unit: Limit['unit'], why: string, error?: string): Limit =>
  error === undefined ? { value, unit, why } : { value, unit, why, error };

/** Every cap of the product that clients can meet. docs/limits.md is made from it. */
export const limits = {
  textCharacters: limit(
    8_000,
    'characters',
    'A long chat message; longer prose belongs in a file.',
    'INVALID_INPUT',
  ),
  mentionsPerMessage: limit(50, 'items', 'More is shouting; each mention may notify.', 'INVALID_INPUT'),
  filesPerMessage: limit(10, 'items', 'Fits one screen of attachments.', 'INVALID_INPUT'),
  emojiCharacters: limit(32, 'characters', 'The longest joined emoji sequences fit.', 'INVALID_INPUT'),
  reactionsPerPerson: limit(20, 'items', 'Different emoji of one person on one message.', 'UPDATE_REFUSED'),
  roomNameCharacters: limit(80, 'characters', 'Fits a list row and a path segment.', 'INVALID_INPUT'),
  usernameCharacters: limit(
    64,
    'characters',
    'Fits a column; long enough for every real name.',
    'INVALID_INPUT',
  ),
  personNameCharacters: limit(
    150,
    'characters',
    'Names are longer than most forms believe.',
    'INVALID_INPUT',
  ),
  emailCharacters: limit(254, 'characters', 'The longest address that mail can carry.', 'INVALID_INPUT'),
  passwordCharactersMin: limit(8, 'characters', 'Shorter ones are guessed.', 'INVALID_INPUT'),
  passwordBytesMax: limit(
    72,
    'bytes',
    'bcrypt reads no further; more would be cut silently.',
    'INVALID_INPUT',
  ),
  bioCharacters: limit(2_000, 'characters', 'A page about oneself.', 'INVALID_INPUT'),
  interestsPerUser: limit(30, 'items', 'What suggestions look up; more says less.', 'INVALID_INPUT'),
  interestCharacters: limit(50, 'characters', 'A word or a few.', 'INVALID_INPUT'),
  suggestionsDefault: limit(5, 'items', 'What one looks at.'),
  suggestionsMax: limit(20, 'items', 'A screen of faces.', 'INVALID_INPUT'),
  searchCharacters: limit(100, 'characters', 'What fits a search box.', 'INVALID_INPUT'),
  reasonCharacters: limit(500, 'characters', 'A few sentences for whoever reads the audit.', 'INVALID_INPUT'),
  sessionsPerUser: limit(100, 'items', 'Devices of one person; beyond, the one away longest is signed out.'),
  presenceWatched: limit(
    200,
    'items',
    'People in one `presence.watch` or `presence.get`: a screen or two.',
    'INVALID_INPUT',
  ),
  subscriptionsPerUser: limit(
    50,
    'items',
    'Open subscriptions of one person, in all their tabs, on one node.',
    'TOO_MANY_REQUESTS',
  ),
  subscriptionSocketsPerAddress: limit(
    1_024,
    'items',
    'Sockets for subscriptions of one address: a whole office.',
    'TOO_MANY_REQUESTS',
  ),
  subscriptionSockets: limit(
    20_000,
    'items',
    'Sockets for subscriptions of all addresses.',
    'TOO_MANY_REQUESTS',
  ),
  subscriptionFrameBytes: limit(
    64 * 1024,
    'bytes',
    'What asks for a subscription, in one frame of its socket.',
  ),
  subscriptionBufferBytes: limit(
    256 * 1024,
    'bytes',
    'What may wait for one who is slow to read their subscriptions; nothing more is made before they have.',
    'TOO_SLOW',
  ),
  friendsWatched: limit(1_000, 'items', 'Friends whose presence a stream of events tells.'),
  membershipsShown: limit(100, 'items', 'Conversations that `auth.me` names; `conversations.list` has all.'),
  pageItemsMax: limit(100, 'items', 'One page stays one quick query.', 'INVALID_INPUT'),
  pageItemsDefault: limit(50, 'items', 'A screen and a bit.'),
  jsonBodyBytes: limit(
    256 * 1024,
    'bytes',
    'The largest sensible procedure input, many times over.',
    'TOO_LARGE',
  ),
  frameBytes: limit(
    4 * 1024 * 1024,
    'bytes',
    'What a person can write offline in a long flight, in one frame.',
    'TOO_LARGE',
  ),
  updateStructs: limit(
    20_000,
    'items',
    'Bounds the work of one update; beyond any honest batch.',
    'MALFORMED_UPDATE',
  ),
  updateDeletes: limit(
    100_000,
    'items',
    'A client repeats every delete it knows of when it syncs.',
    'MALFORMED_UPDATE',
  ),
  updateClients: limit(
    64,
    'items',
    'New client ids in one update: one per tab that wrote offline.',
    'TOO_LARGE',
  ),
  updateMessages: limit(
    2_000,
    'items',
    'Messages in one update: what a person writes offline in weeks.',
    'TOO_LARGE',
  ),
  valueDepth: limit(16, 'levels', 'JSON in a document is shallow.', 'MALFORMED_UPDATE'),
  updateValues: limit(200_000, 'items', 'JSON values in one update, however nested.', 'MALFORMED_UPDATE'),
  awarenessStateBytes: limit(
    16 * 1024,
    'bytes',
    'A cursor and a few fields; it is sent to everybody, often.',
  ),
  awarenessClientsPerConnection: limit(4, 'items', 'One document each, with room for a restarted one.'),
  presenceMs: limit(
    30_000,
    'ms',
    'Presence that is not shown again for so long is taken away; clients say it again every 15 seconds.',
  ),
  admissionsAtOnce: limit(
    32,
    'items',
    'Sockets taken in at a time: the store is busy with that, and others get their turn in between.',
  ),
  socketsWaiting: limit(
    10_000,
    'items',
    'Sockets that wait to be taken in, as when a whole server comes back.',
    'TOO_MANY_REQUESTS',
  ),
  silentSocketsPerAddress: limit(
    1_024,
    'items',
    'Connections of one address that have asked for nothing yet: a whole office that comes back at once.',
  ),
  silentSockets: limit(8_192, 'items', 'Connections of all addresses that have asked for nothing yet.'),
  refusalsHeldPerAddress: limit(
    64,
    'items',
    'Sockets of one address that are held back before they are turned away: a few pages of one who is signed out.',
    'TOO_MANY_REQUESTS',
  ),
  refusalsHeld: limit(
    1_024,
    'items',
    'Sockets of all addresses that are held back before they are turned away.',
    'TOO_MANY_REQUESTS',
  ),
  connectionsPerDocument: limit(10_000, 'items', 'Bounds the fan-out of one message.', 'UNAVAILABLE'),
  outboundBytes: limit(
    8 * 1024 * 1024,
    'bytes',
    'What may wait for one slow socket, and one frame; past it the reader is caught up later, all at once.',
  ),
  outboundBehindMs: limit(60_000, 'ms', 'How long a slow reader is waited for.', 'TOO_SLOW'),
  inboundHeldBytes: limit(
    1024 * 1024,
    'bytes',
    'Past it the socket is not read until its updates are stored.',
  ),
  framesPerSecond: limit(
    100,
    'items',
    'Steady frames of one connection; past the burst its socket is held, nothing is dropped.',
  ),
  framesBurst: limit(1_000, 'items', 'Frames of one connection at once, as after a reconnect.'),
  framesPerSecondPerUser: limit(
    300,
    'items',
    'Steady frames of one user on all connections; past the burst those that send are held, nothing is dropped.',
  ),
  framesBurstPerUser: limit(
    3_000,
    'items',
    'Frames of one user at once: hundreds of documents that reconnect.',
  ),
  refusalsPerConnection: limit(
    20,
    'items',
    'Refused updates on one connection before it is closed.',
    'UPDATE_REFUSED',
  ),
  segmentMessages: limit(100, 'items', 'The stretch that leaves the window at once.'),
  windowBytes: limit(
    2 * 1024 * 1024,
    'bytes',
    'Texts in a live document: long ones leave it sooner, so that it always loads and fits a row.',
  ),
  windowMessages: limit(500, 'items', 'What a joiner gets with the document; the rest is history.'),
  generationClients: limit(
    1_000,
    'items',
    'Client ids that wrote in a document before it begins anew: each makes every later change dearer.',
  ),
  generationDeadBytes: limit(
    256 * 1024,
    'bytes',
    'Traces of what was taken back or replaced, in a document that shows less than so much: then it begins anew.',
  ),
  generationMs: limit(
    60_000,
    'ms',
    'A document with clients connected begins anew no sooner: each time all of them start over.',
  ),
  clientsPerPerson: limit(
    5_000,
    'items',
    'Client ids of one person in a generation, so that nobody alone makes a document heavy before it may begin anew.',
    'UPDATE_REFUSED',
  ),
  padBytes: limit(
    8 * 1024 * 1024,
    'bytes',
    'A book, or a board of a few thousand things: it still loads at once, and its snapshot fits a row of MongoDB.',
    'TOO_LARGE',
  ),
  padRoots: limit(64, 'items', 'Named shared types of a pad; more belongs in a map.', 'UPDATE_REFUSED'),
  padDepth: limit(
    64,
    'levels',
    'Shared types in one another: lists in lists in tables in quotes, and nothing that overflows a stack.',
    'UPDATE_REFUSED',
  ),
  projectNameCharacters: limit(250, 'characters', 'Fits a heading.', 'INVALID_INPUT'),
  descriptionCharacters: limit(
    20_000,
    'characters',
    'Some pages; more belongs in a pad or a file.',
    'INVALID_INPUT',
  ),
  projectsPerOwner: limit(1_000, 'items', 'Projects that one person owns.', 'CONFLICT'),
  projectMembers: limit(1_000, 'items', 'People in one project.', 'CONFLICT'),
  invitationsPerProject: limit(1_000, 'items', 'As many as people in it; those that are open.', 'CONFLICT'),
  invitationMs: limit(
    30 * 24 * 60 * 60 * 1_000,
    'ms',
    'An invitation that nobody answered for a month is forgotten.',
  ),
  linksPerProject: limit(50, 'items', 'Links into one project that still stand.', 'CONFLICT'),
  linkMs: limit(30 * 24 * 60 * 60 * 1_000, 'ms', 'A link that is found later is no way in.', 'INVALID_INPUT'),
  linkUses: limit(1_000, 'items', 'As many as a project has members.', 'INVALID_INPUT'),
  taskTitleCharacters: limit(250, 'characters', 'Fits a heading.', 'INVALID_INPUT'),
  timeZoneCharacters: limit(
    64,
    'characters',
    'The longest name of a time zone is half of it.',
    'INVALID_INPUT',
  ),
  padTitleCharacters: limit(120, 'characters', 'Fits a list row.', 'INVALID_INPUT'),
  padsPerPlace: limit(
    200,
    'items',
    'Pads of one conversation or project: a shelf that people still look through.',
    'CONFLICT',
  ),
} as const satisfies Record<string, Limit>;
