/**
 * The page's program: it names the elements, each of which then minds itself.
 *
 * <chat-room> comes last, because it speaks to the others while it is set up.
 */

import { ConnectionBanner } from './connection-banner.js';
import { ConnectionStatus } from './connection-status.js';
import { CopyButton } from './copy-button.js';
import { EmojiButton } from './emoji-button.js';
import { EmojiSuggestions } from './emoji-suggestions.js';
import { FormatBar } from './format-bar.js';
import { JoinForm } from './join-form.js';
import { MemberList } from './member-list.js';
import { MessageComposer } from './message-composer.js';
import { MessageList } from './message-list.js';
import { watchVersion } from './new-version.js';
import { NotificationSetting } from './notification-setting.js';
import { registerWorker, watchOfflinePage } from './offline.js';
import { leavePast } from './past-worker.js';
import { PersonCard } from './person-card.js';
import { RoomLinks } from './room-links.js';
import { RoomList } from './room-list.js';
import { RoomMenu } from './room-menu.js';
import { ServerStatus } from './server-status.js';
import { SettingsDialog } from './settings-dialog.js';
import { ShortcutsDialog } from './shortcuts-dialog.js';
import { RoomSwitcher } from './room-switcher.js';
import { TypingLine } from './typing-line.js';
import { VersionBar } from './version-bar.js';
import { ChatRoom } from './chat-room.js';

leavePast(); // before anything reads the address

customElements.define('connection-banner', ConnectionBanner);
customElements.define('connection-status', ConnectionStatus);
customElements.define('copy-button', CopyButton);
customElements.define('emoji-button', EmojiButton);
customElements.define('emoji-suggestions', EmojiSuggestions);
customElements.define('format-bar', FormatBar);
customElements.define('join-form', JoinForm);
customElements.define('member-list', MemberList);
customElements.define('message-composer', MessageComposer);
customElements.define('message-list', MessageList);
customElements.define('notification-setting', NotificationSetting);
customElements.define('person-card', PersonCard);
customElements.define('room-links', RoomLinks);
customElements.define('room-list', RoomList);
customElements.define('room-menu', RoomMenu);
customElements.define('server-status', ServerStatus);
customElements.define('settings-dialog', SettingsDialog);
customElements.define('shortcuts-dialog', ShortcutsDialog);
customElements.define('room-switcher', RoomSwitcher);
customElements.define('typing-line', TypingLine);
customElements.define('version-bar', VersionBar);
customElements.define('chat-room', ChatRoom);

registerWorker();
watchVersion();
watchOfflinePage();

// A bundle hides its modules: here the tests reach those that have a state.
export * as connection from './connection.js';
export * as notifications from './notifications.js';
export * as readPositions from './read-positions.js';
export * as settings from './settings.js';
export * as typing from './typing.js';
