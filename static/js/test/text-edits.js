/** Line breaks. */

import { withoutControls } from '../lib/text-edits.js';

/** @returns {string} a description of the failures; '' if there are none */
export default function () {
  const made = withoutControls('a\vb\fc\x85d\u2028e\u2029f\r\ng\rh\ni\tj\x1b[2Jk\x9fl\0m');
  return made === 'a\nb\nc\nd\ne\nf\ng\nh\ni\tj[2Jklm' ? '' : JSON.stringify(made);
}
