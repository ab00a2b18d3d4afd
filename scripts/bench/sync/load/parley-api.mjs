// What the load asks Parley's API for before anything is measured: people, and rooms they are in.

const call = async (site, procedure, input, token) => {
  const response = await fetch(`${site.url.replace('ws', 'http')}/trpc/${procedure}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ json: input }),
  });
  const { result, error } = await response.json();
  if (error !== undefined) throw new Error(`${procedure}: ${error.json?.message ?? error.message}`);
  return result.data.json;
};

let named = 0;

/** Somebody new: `{ id, token }`. */
export const signUp = async (site) => {
  named += 1;
  const person = { username: `bench-${process.pid}-${named}`, password: 'quite-a-long-secret-7' };
  const { user, tokens } = await call(site, 'auth.register', person);
  return { id: user.id, token: tokens.accessToken };
};

/** Takes everybody into the room, which is made where there is none; resolves with the id of its conversation. */
export const joinRoom = async (site, name, people) => {
  let id;
  for (const { token } of people) {
    ({
      room: { id },
    } = await call(site, 'rooms.joinOrCreate', { name }, token));
  }
  return id;
};
