// What browsers have that tsc 4.8 does not know of yet, and what is true of our pages though
// the general types are more careful: what is looked up there is an element of HTML, and our
// events carry a detail.

interface Element extends HTMLOrSVGElement {
  hidden: boolean;
  content: any; // of a template, and of a <meta>
  media: any; // of a <meta>
  closest(selectors: string): any;
  checkVisibility(options?: object): boolean;
  state: any; // of <connection-status>
}

interface EventTarget {
  closest(selectors: string): any; // what is clicked is an element
}

interface Event {
  readonly detail: any;
  readonly newState: any; // of a toggle
}

interface ParentNode {
  querySelector(selectors: string): any;
  querySelectorAll(selectors: string): NodeListOf<any>;
}

interface Document {
  getElementById(id: string): any;
}

interface HTMLElement {
  showPopover(options?: { source?: HTMLElement }): void;
  hidePopover(): void;
  togglePopover(force?: boolean): boolean;
}

interface Array<T> {
  findLast(predicate: (value: T, index: number) => unknown): T | undefined;
  findLastIndex(predicate: (value: T, index: number) => unknown): number;
}

interface PerformanceEntry {
  readonly type: string; // of a navigation
}

interface Navigator {
  readonly userActivation?: { readonly hasBeenActive: boolean };
  setAppBadge?(count: number): Promise<void>; // of installed apps only
  clearAppBadge?(): Promise<void>;
}
