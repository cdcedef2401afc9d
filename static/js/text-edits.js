/**
 * Changes what is written in a field as its owner would with the keyboard, so that Ctrl+Z takes
 * it back, and everybody who listens for `input` hears of it.
 *
 * @param {HTMLTextAreaElement} field
 * @param {import('./composer-format.js').Edit|null} edit
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

/**
 * What can be said of a text: a log that was pasted may have the escapes of a terminal in it, and
 * the server takes no control characters but these two.
 *
 * @param {string} text
 */
export function withoutControls(text) {
  return text.replace(/(?![\t\n])\p{Cc}/gu, '');
}
