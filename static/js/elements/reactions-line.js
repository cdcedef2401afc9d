/**
 * The line of reactions below a message: a button for each emoji, pressed if the reader is among its
 * users, and one that adds another. The names of the users appear while the pointer or a finger
 * rests on it, or with the focus.
 */

import { isUser } from '../model/identities.js';
import { listed } from '../lib/formats.js';
import { say } from '../lib/words.js';

/** The number of names to show. */
const MOST = 10;

/**
 * @param {HTMLElement} line
 * @param {import('../model/reactions.js').Reaction[]} reactions
 * @param {{name: string, id?: string}} me
 */
export function drawReactions(line, reactions, me) {
  const had = new Map([...line.querySelectorAll('.reaction')].map((button) => [button.dataset.emoji, button]));
  const buttons = reactions.map((reaction) => fill(had.get(reaction.emoji) ?? newButton(reaction.emoji), reaction, me));
  const kept = new Set(buttons);
  for (const button of had.values()) if (!kept.has(button)) button.remove();
  for (const [at, button] of buttons.entries()) if (line.children[at] !== button) line.insertBefore(button, line.children[at] ?? null);
}

function newButton(emoji) {
  const button = /** @type {HTMLElement} */ (document.getElementById('reaction-row').content.firstElementChild.cloneNode(true));
  button.dataset.emoji = emoji;
  button.firstElementChild.textContent = emoji;
  return button;
}

function fill(button, { emoji, count, users }, me) {
  const names = users.slice(0, MOST).map(({ name }) => name);
  const more = count - names.length;
  const who = more > 0 ? say('reactions.more', { names: listed(names), n: more }) : listed(names);
  button.lastElementChild.textContent = String(count);
  button.ariaPressed = String(users.some(({ id, name }) => isUser(me, name, id)));
  button.dataset.names = who;
  button.ariaLabel = say('reactions.of', { emoji, names: who });
  return button;
}
