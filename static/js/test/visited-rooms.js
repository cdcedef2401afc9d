/** The list of visited rooms. */

import { VisitedRooms } from '../model/visited-rooms.js';

/** @returns {string} a description of the failures; '' if there are none */
export default function () {
  localStorage.clear();
  const visited = new VisitedRooms();
  const is = [visited.list.join()];
  for (let i = 1; i <= 30; i++) visited.visit('r' + i);
  visited.visit('r20');
  is.push(visited.list.length, visited.list.at(-1), visited.list.includes('lobby'), visited.list.includes('r5'));
  visited.leave('r20');
  visited.leave('lobby');
  is.push(visited.list.includes('r20'), visited.list.includes('lobby'));
  localStorage.setItem('chatserver.visited', '{half');
  is.push(visited.list.join());
  localStorage.clear();
  return is.join() === 'lobby,20,r20,true,false,false,true,lobby' ? '' : is.join();
}
