/**
 * Edits a text field the way a keyboard would, so that Ctrl+Z undoes the edit and listeners of
 * `input` are notified.
 *
 * @param {HTMLTextAreaElement} field
 * @param {import('../model/composer-format.js').Edit|null} edit
 */
export function apply(field, edit) {
  if (!edit) return;
  const { from, to, text, select } = edit;
  field.focus();
  field.setSelectionRange(from, to);
  // execCommand is deprecated, but it is the only way to edit that all browsers can undo.
  const done = text === '' ? document.execCommand('delete') : document.execCommand('insertText', false, text);
  if (!done) {
    field.setRangeText(text, from, to);
    field.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'insertReplacementText' }));
  }
  field.setSelectionRange(...select);
}

/** Inserts a text at the cursor. @param {HTMLTextAreaElement} field  @param {string} text */
export function insert(field, text) {
  const { selectionStart: from, selectionEnd: to } = field;
  apply(field, { from, to, text, select: [from + text.length, from + text.length] });
}

/** Matches every mandatory line break of Unicode (UAX #14: BK, CR, LF, and NL). */
const LINE_BREAKS = /\r\n|[\r\v\f\x85\u2028\u2029]/g;

/**
 * Removes what the server would reject: control characters except tabs and line feeds, such as the
 * terminal escapes of a pasted log. Other line breaks become line feeds.
 *
 * @param {string} text
 */
export function withoutControls(text) {
  return text.replace(LINE_BREAKS, '\n').replace(/(?![\t\n])\p{Cc}/gu, '');
}
