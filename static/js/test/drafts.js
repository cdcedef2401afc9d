/** Drafts of rooms and threads. */

import { draftOf, forgetOthersDrafts, keepDraft, keepReply, replyOf } from '../model/room-drafts.js';

/** @returns {string} a description of the failures; '' if there are none */
export default function () {
  localStorage.clear();
  const places = ['lobby', 'lobby/7'];
  const left = () => places.map((place) => draftOf(place) + replyOf(place)).join();
  for (const place of places) {
    keepDraft(place, 'secret');
    keepReply(place, 3);
  }
  forgetOthersDrafts('ann'); // it may have been she
  if (left() !== 'secret3,secret3') return `after Ann has signed in: ${left()}`;
  forgetOthersDrafts('bob');
  const after = left();
  localStorage.clear();
  return after === '0,0' ? '' : `Bob gets what Ann has written: ${after}`;
}
