/**
 * Requests what the events of a room do not have: the earlier texts of a message, the thread of a
 * message, and the pinned messages of a room. No DOM in here.
 */

import { TIMES } from './connection.js';
import { say } from '../lib/words.js';

/** The commands, which are also the names of the events that answer them. */
export const DETAILS = new Set(['versions', 'pins', 'purge', 'thread']);

export class Details {
  #command;
  /** @type {{about: object, resolve: (answer: any) => void, timer: number}[]} the requests without an answer */
  #open = [];

  /** @param {(command: object) => boolean} command  sends a command; false if there is no connection */
  constructor(command) {
    this.#command = command;
  }

  /**
   * @param {{cmd: string, room: string, seq?: number, version?: number, since?: number, before?: number}} command
   * @returns {Promise<{answer?: any, why?: string}>} the event that answers it, or why there is none: a sentence
   */
  ask(command) {
    return new Promise((resolve) => {
      if (!this.#command(command)) {
        resolve({ why: say('changes.noAnswer') });
        return;
      }
      const timer = setTimeout(() => this.#settle(command, { why: say('changes.noAnswer') }), TIMES.ack);
      this.#open.push({ about: command, resolve, timer });
    });
  }

  /** @param {{cmd?: string, event: string, room: string, seq?: number}} answer  an event about one of the commands */
  answered(answer) {
    this.#settle({ ...answer, cmd: answer.cmd ?? answer.event }, { answer });
  }

  /** @param {{cmd: string, room: string, seq?: number}} error  @param {string} why  a sentence */
  refused(error, why) {
    this.#settle(error, { why });
  }

  /** Ends all requests, because the connection is lost. Their answers will not come. */
  lost() {
    for (const { timer, resolve } of this.#open.splice(0)) {
      clearTimeout(timer);
      resolve({ why: say('changes.noAnswer') });
    }
  }

  // Answers arrive in the order of the requests.
  #settle({ cmd, room, seq = 0 }, answer) {
    const at = this.#open.findIndex(({ about }) => about.cmd === cmd && about.room === room && (about.seq ?? 0) === seq);
    if (at < 0) return;
    const [{ resolve, timer }] = this.#open.splice(at, 1);
    clearTimeout(timer);
    resolve(answer);
  }
}
