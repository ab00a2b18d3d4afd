// People with something of everything, made over REST: what the fuzzer may find behind the ids it is given.

const PASSWORD = 'q7-a world to be fuzzed';
/** Of each kind: some are deleted on the way. */
const COPIES = 8;

/** Whoever will be the first admin: `{ username, token }`. */
export const signUp = async (url, username) => {
  const { tokens } = await post(url, '/auth/register', { username, password: PASSWORD });
  return { username, token: tokens.accessToken };
};

/** Resolves to the token of the person of that name, and to ids by what they are of. */
export const makeContent = async (url, username) => {
  const { tokens, user } = await post(url, '/auth/login', { login: username, password: PASSWORD });
  const token = tokens.accessToken;
  const kinds = [
    'person',
    'group',
    'room',
    'direct',
    'message',
    'project',
    'task',
    'comment',
    'pad',
    'link',
    'invitation',
  ];
  const ids = Object.fromEntries(kinds.map((kind) => [kind, []]));
  const by = (whose) => (method, path, body) => send(url, { method, path, body, token: whose });
  const me = by(token);
  for (let copy = 0; copy < COPIES; copy += 1) {
    const friend = await post(url, '/auth/register', { username: `friend${copy}`, password: PASSWORD });
    const them = by(friend.tokens.accessToken);
    const userId = friend.user.id;
    ids.person.push(userId);
    await them('POST', `/friends/${user.id}/request`, {});

    const project = await me('POST', '/projects', { name: `Project ${copy}` });
    ids.project.push(project.id);
    await me('POST', `/projects/${project.id}/members`, { userId, role: 'member' });
    const task = await me('POST', `/projects/${project.id}/tasks`, {
      title: `Task ${copy}`,
      assignees: [userId],
    });
    ids.task.push(task.id);
    // A mention, and so a notification.
    const said = { content: 'See here', mentions: [user.id] };
    const comment = await them('POST', `/tasks/${task.id}/comments`, said);
    ids.comment.push((await me('POST', `/tasks/${task.id}/comments`, { content: 'Mine' })).id, comment.id);
    ids.pad.push((await me('POST', '/pads', { projectId: project.id, title: 'Pad' })).id);
    ids.link.push((await me('POST', `/projects/${project.id}/links`, {})).id);
    const other = await them('POST', '/projects', { name: `Theirs ${copy}` });
    const asked = await them('POST', `/projects/${other.id}/invitations`, { userId: user.id });
    ids.invitation.push(asked.id);

    const group = await me('POST', '/groups', { name: `Group ${copy}`, members: [userId] });
    const { room } = await me('POST', '/rooms', { name: `Room ${copy}` });
    const { conversation } = await me('POST', '/conversations/direct', { userId });
    ids.direct.push(conversation.id);
    ids.group.push(group.id);
    ids.room.push(room.id);
    for (const { id } of [group, room, conversation])
      ids.message.push((await me('POST', `/conversations/${id}/messages`, { text: 'Hello' })).id);
    ids.link.push((await me('POST', `/groups/${group.id}/links`, {})).id);
  }
  const conversation = [...ids.group, ...ids.room, ...ids.direct];
  return { token, ids: { ...ids, conversation, anything: [user.id, ...Object.values(ids).flat()] } };
};

const post = (url, path, body) => send(url, { method: 'POST', path, body });

const send = async (url, { method, path, body, token }) => {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
};
