/**
 * What not every visit needs: threads, pins, earlier texts, emoji. It is an entry of its own, which
 * page/message-details.js and lib/emoji.js load when it is first needed, so it is no part of a first load.
 */

import { MessageVersions } from './elements/message-versions.js';
import { PinsDialog } from './elements/pins-dialog.js';
import { ThreadPanel } from './elements/thread-panel.js';

export { emojiDatabase, emojiFile, emojiSource, isInMemory } from './lib/emoji-data.js';
export { openThread, openVersions, watchDetails } from './page/details.js';

/** Defines the elements, which then draw what is open already. */
export function define() {
  customElements.define('message-versions', MessageVersions);
  customElements.define('pins-dialog', PinsDialog);
  customElements.define('thread-panel', ThreadPanel);
}
