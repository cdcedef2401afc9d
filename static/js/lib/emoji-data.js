/**
 * Where the vendored emoji picker and its data are, for whoever loads it when it is wanted, and
 * the database that the picker and the suggestions share.
 */

import { file } from './base.js';
import { EmojiMemory } from './emoji-memory.js';

const FOLDER = file('vendor/emoji-picker/');

/** How long IndexedDB may take to open and to be filled before the emoji come from memory, in ms. */
const PATIENCE = 3_000;

/** @param {string} name  @returns {string} the URL of one of its files */
export const emojiFile = (name) => new URL(name, FOLDER).href;

/** What both the picker and its database want to know. */
export const emojiSource = {
  locale: document.documentElement.lang.split('-')[0] || 'en',
  dataSource: emojiFile('data.json'),
};

/** @type {Promise<any>|null} */
let database = null;

/**
 * The picker's own database, in IndexedDB, so that the emoji that somebody uses most are known
 * the next time; from memory where the browser forbids that (private windows, forbidden storage)
 * or never answers (a broken profile).
 *
 * @returns {Promise<any>} that is ready. It rejects if the emoji cannot be loaded; then it may be asked for again
 */
export function emojiDatabase() {
  database ??= openDatabase().catch((why) => {
    database = null;
    throw why;
  });
  return database;
}

/** @param {any} from  what emojiDatabase() gave  @returns {boolean} whether it forgets with this page */
export const isInMemory = (from) => from instanceof EmojiMemory;

async function openDatabase() {
  const { default: Database } = await import(emojiFile('database.js'));
  const kept = new Database(emojiSource);
  const opening = kept.ready().then(() => kept);
  const memory = new EmojiMemory(emojiSource);
  const inMemory = () => memory.ready().then(() => memory);
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE)).then(() => Promise.any([opening, inMemory()]));
  return Promise.race([opening.catch(inMemory), late]);
}
