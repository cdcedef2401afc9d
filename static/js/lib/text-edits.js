/**
 * Changes what is written in a field as its owner would with the keyboard, so that Ctrl+Z takes
 * it back, and everybody who listens for `input` hears of it.
 *
 * @param {HTMLTextAreaElement} field
 * @param {import('../model/composer-format.js').Edit|null} edit
 */
export function apply(field, edit) {
  if (!edit) return;
  const { from, to, text, select } = edit;
  field.focus();
  field.setSelectionRange(from, to);
  // The old way is the only one that all browsers can undo.
  const done = text === '' ? document.execCommand('delete') : document.execCommand('insertText', false, text);
  if (!done) {
    field.setRangeText(text, from, to);
    field.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'insertReplacementText' }));
  }
  field.setSelectionRange(...select);
}

/** Puts a text where the cursor is. @param {HTMLTextAreaElement} field  @param {string} text */
export function insert(field, text) {
  const { selectionStart: from, selectionEnd: to } = field;
  apply(field, { from, to, text, select: [from + text.length, from + text.length] });
}

/** All that Unicode breaks a line at (UAX #14, BK, CR, LF and NL). */
const LINE_BREAKS = /\r\n|[\r\v\f\x85\u2028\u2029]/g;

/**
 * What can be sent of a text: a pasted log may hold the escapes of a terminal, and the server
 * takes no control characters but tabs and line feeds. Other line breaks become line feeds.
 *
 * @param {string} text
 */
export function withoutControls(text) {
  return text.replace(LINE_BREAKS, '\n').replace(/(?![\t\n])\p{Cc}/gu, '');
}
