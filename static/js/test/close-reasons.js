/** Which close codes lead to a reconnect. */

import { reconnects } from '../net/close-reasons.js';

/** @returns {string} a description of the failures; '' if there are none */
export default function () {
  const wrong = [1000, 1001, 1006, 1007, 1009, 1011, 1012, 1013].filter((code) => !reconnects(code));
  return wrong.concat([1002, 1003, 1008].filter(reconnects)).join('; ');
}
