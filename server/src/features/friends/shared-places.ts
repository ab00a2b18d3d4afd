// Owns finding whom somebody shares places with (conversations, projects), a bounded look whatever their number and size.

/** Ids of shared places by user id. */
export type SharedPlaces = (userId: string) => Promise<ReadonlyMap<string, readonly string[]>>;

/** What a feature tells of its places. */
export interface Places {
  /** Those somebody joined last, at most so many. */
  of(userId: string, limit: number): PromiseLike<readonly string[]>;
  /** Some of those who are in one. */
  peopleIn(place: string, limit: number): PromiseLike<readonly string[]>;
}

const MAX_PLACES = 8;
const MAX_PEOPLE = 100;

/** Looks at the places that somebody joined last, and at some of the people of each. */
export const createSharedPlaces =
  (places: Places): SharedPlaces =>
  async (userId) => {
    const mine = await places.of(userId, MAX_PLACES);
    const people = await Promise.all(mine.map((place) => places.peopleIn(place, MAX_PEOPLE)));
    const shared = new Map<string, string[]>();
    for (const [index, place] of mine.entries()) {
      for (const id of people[index] ?? []) shared.set(id, [...(shared.get(id) ?? []), place]);
    }
    shared.delete(userId);
    return shared;
  };
