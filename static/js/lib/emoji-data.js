/**
 * The locations of the vendored emoji picker and its data, which are loaded on first use, and the
 * database that the picker and the suggestions share.
 */

import { file } from './base.js';
import { EmojiMemory } from './emoji-memory.js';

const FOLDER = file('vendor/emoji-picker/');

/** How long IndexedDB may take to open and to be filled, in ms, before the emoji come from memory. */
const PATIENCE = 3_000;

/** @param {string} name  @returns {string} the URL of one of its files */
export const emojiFile = (name) => new URL(name, FOLDER).href;

/** The options of both the picker and its database. */
export const emojiSource = {
  locale: document.documentElement.lang.split('-')[0] || 'en',
  dataSource: emojiFile('data.json'),
};

/** @type {Promise<any>|null} */
let database = null;

/**
 * Returns the picker's own database, in IndexedDB, which remembers frequently used emoji; or one
 * in memory, where the browser forbids IndexedDB (private windows) or it never answers (a broken
 * profile).
 *
 * @returns {Promise<any>} the database, ready for use. It rejects if the emoji cannot be loaded; a later call tries again
 */
export function emojiDatabase() {
  database ??= openDatabase().catch((why) => {
    database = null;
    throw why;
  });
  return database;
}

/** @param {any} from  a database from emojiDatabase()  @returns {boolean} whether it is lost with this page */
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
