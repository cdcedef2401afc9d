/** Loads emoji-data.js, which is needed only when somebody looks for an emoji. */

/** @returns {Promise<typeof import('./emoji-data.js')>} */
export const loadEmoji = () => import('../details.js');
