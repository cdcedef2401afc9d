/**
 * Reactions and pins of a message, as the server sends them and as their reader has just changed
 * them. Pure.
 *
 * @typedef {{id: string, name: string}} UserRef
 * @typedef {{emoji: string, count: number, users: UserRef[]}} Reaction  of so many users; for the lack
 *   of space, not all of them may be named
 * @typedef {{name: string, id?: string}} User
 */

import { isUser } from './identities.js';

/** @param {User} me  @returns {(user: UserRef) => boolean} */
const is = (me) => ({ id, name }) => isUser(me, name, id);

/**
 * @param {Reaction[]|undefined} reactions
 * @param {string} emoji
 * @param {User} me
 * @returns {boolean} whether the reader reacted with it
 */
export function reacted(reactions = [], emoji, me) {
  return reactions.some((reaction) => reaction.emoji === emoji && reaction.users.some(is(me)));
}

/**
 * @param {Reaction[]|undefined} reactions
 * @param {string} emoji
 * @param {boolean} on
 * @param {User} me
 * @returns {Reaction[]} with the reader's reaction set or removed, the others in their order
 */
export function withReaction(reactions = [], emoji, on, me) {
  if (reacted(reactions, emoji, me) === on) return reactions;
  const mine = { id: me.id ?? '', name: me.name };
  if (on && !reactions.some((reaction) => reaction.emoji === emoji)) return [...reactions, { emoji, count: 1, users: [mine] }];
  return reactions.map((reaction) => {
    if (reaction.emoji !== emoji) return reaction;
    const others = reaction.users.filter((user) => !is(me)(user));
    return { emoji, count: reaction.count + (on ? 1 : -1), users: on ? [...others, mine] : others };
  }).filter(({ count }) => count > 0);
}

/** @param {{pinned?: object}} message  @returns {boolean} */
export const isPinned = ({ pinned }) => pinned !== undefined;

/**
 * @param {{pinned?: object}} message
 * @param {boolean} on
 * @param {User} me
 * @returns {{pinned?: object}}
 */
export function withPin({ pinned }, on, { id = '', name }) {
  return { pinned: on ? pinned ?? { by: { id, name } } : undefined };
}
