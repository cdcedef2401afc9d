// What browsers have that tsc 4.8 does not know of yet, and what is true of our pages though
// the general types are more careful: what is looked up there is an element of HTML, and our
// events carry a detail.

interface Element extends HTMLOrSVGElement {
  hidden: boolean;
  readonly content: any; // of a template
  state: any; // of <connection-status>
}

interface Event {
  readonly detail: any;
}

interface ParentNode {
  querySelector(selectors: string): any;
}

interface HTMLElement {
  showPopover(): void;
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
