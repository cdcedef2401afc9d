/**
 * What the reader looks up about messages, an entry of its own: page/message-details.js loads it
 * when it is first needed, so it is no part of a first load.
 */

import { MessageVersions } from './elements/message-versions.js';
import { PinsDialog } from './elements/pins-dialog.js';

export { openVersions, watchDetails } from './page/details.js';

/** Defines the elements, which then draw what is open already. */
export function define() {
  customElements.define('message-versions', MessageVersions);
  customElements.define('pins-dialog', PinsDialog);
}
