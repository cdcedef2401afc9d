/** Only scrolling up leaves the end, and the end is not there while newer messages are not drawn. */

import { ScrollKeeper } from '../model/scroll-keeper.js';

/** @returns {string} a description of the failures; '' if there are none */
export default function () {
  const keeper = new ScrollKeeper();
  const at = (scrollTop, scrollHeight, ends = true, clientHeight = 500) => { keeper.scrolled({ scrollTop, scrollHeight, clientHeight }, ends); return keeper.pinned; };
  const cases = [
    [at(1000, 1500), true], [at(1000, 1900), true], // it grew
    [at(1000, 1900, true, 300), true],              // a keyboard opened
    [at(1301, 1900), true], [at(1299, 1900), false], // 100 px, and more
    [at(1350, 1900), true], [at(1350, 1900, false), false],
  ];
  return cases.flatMap(([got, want], i) => got === want ? [] : [i]).join();
}
