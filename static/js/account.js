/**
 * The script of the pages of accounts. They work without it, except for passkeys. Nobody is
 * signed in where one signs in, so what was kept of the last person is deleted.
 */

import { PasskeyForm } from './elements/passkey-form.js';
import { forgetPages } from './page/offline.js';

customElements.define('passkey-form', PasskeyForm);

if (document.querySelector('[data-testid=sign-in]')) forgetPages();
