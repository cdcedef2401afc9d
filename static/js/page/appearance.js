/**
 * Applies the chosen theme and density, at once and in every tab. The first paint has them
 * without this module (handlers/pages/preferences.go).
 */

import { settings } from '../lib/settings.js';
import { OURS } from '../lib/base.js';

/** The values of --paper, for the browser's own frame around the page. */
const PAPER = { light: '#fdfcf9', dark: '#1d1b18' };

/**
 * @param {EventTarget} _chat
 * @param {AbortSignal} signal
 */
export function watchAppearance(_chat, signal) {
  settings.addEventListener('change', dress, { signal });
  window.addEventListener('storage', ({ key }) => key === `${OURS}settings` && settings.changedElsewhere(), { signal });
  dress();
}

function dress() {
  const [theme, density] = [settings.get('theme'), settings.get('density')];
  mark('bsTheme', theme === 'system' ? '' : theme);
  mark('density', density === 'compact' ? density : '');
  document.querySelector('meta[name=color-scheme]').content = theme === 'system' ? 'light dark' : theme;
  for (const meta of document.querySelectorAll('meta[name=theme-color]')) {
    meta.content = PAPER[theme] ?? (meta.media.includes('dark') ? PAPER.dark : PAPER.light);
  }
}

function mark(name, value) {
  const { dataset } = document.documentElement;
  if (value) dataset[name] = value;
  else delete dataset[name];
}
