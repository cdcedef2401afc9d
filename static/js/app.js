/**
 * The page's entry: defines the custom elements and starts what runs beside them.
 *
 * <chat-room> is defined last, because it calls methods of the others while it connects.
 */

import { ConnectionBanner } from './elements/connection-banner.js';
import { ConnectionStatus } from './elements/connection-status.js';
import { CopyButton } from './elements/copy-button.js';
import { EmojiButton } from './elements/emoji-button.js';
import { EmojiSuggestions } from './elements/emoji-suggestions.js';
import { FormatBar } from './elements/format-bar.js';
import { JoinForm } from './elements/join-form.js';
import { MemberList } from './elements/member-list.js';
import { MessageComposer } from './elements/message-composer.js';
import { MessageEditor } from './elements/message-editor.js';
import { MessageList } from './elements/message-list.js';
import { MessageMenu } from './elements/message-menu.js';
import { watchVersion } from './page/new-version.js';
import { NotificationSetting } from './elements/notification-setting.js';
import { registerWorker, watchOfflinePage } from './page/offline.js';
import { leaveBypass } from './lib/bypass-worker.js';
import { PersonCard } from './elements/person-card.js';
import { ReactionPicker } from './elements/reaction-picker.js';
import { ReplyBar } from './elements/reply-bar.js';
import { RoomLinks } from './elements/room-links.js';
import { RoomList } from './elements/room-list.js';
import { RoomMenu } from './elements/room-menu.js';
import { ServerStatus } from './elements/server-status.js';
import { SettingsDialog } from './elements/settings-dialog.js';
import { ShortcutsDialog } from './elements/shortcuts-dialog.js';
import { RoomSwitcher } from './elements/room-switcher.js';
import { TypingLine } from './elements/typing-line.js';
import { VersionBar } from './elements/version-bar.js';
import { ChatRoom } from './page/chat-room.js';
import { leaveOthersDrafts } from './page/sign-in.js';

leaveBypass(); // before anything reads the address
leaveOthersDrafts();

customElements.define('connection-banner', ConnectionBanner);
customElements.define('connection-status', ConnectionStatus);
customElements.define('copy-button', CopyButton);
customElements.define('emoji-button', EmojiButton);
customElements.define('emoji-suggestions', EmojiSuggestions);
customElements.define('format-bar', FormatBar);
customElements.define('join-form', JoinForm);
customElements.define('member-list', MemberList);
customElements.define('message-composer', MessageComposer);
customElements.define('message-editor', MessageEditor);
customElements.define('message-list', MessageList);
customElements.define('message-menu', MessageMenu);
customElements.define('notification-setting', NotificationSetting);
customElements.define('person-card', PersonCard);
customElements.define('reaction-picker', ReactionPicker);
customElements.define('reply-bar', ReplyBar);
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

// A bundle hides its modules. These exports give tests the instances that have state.
export * as connection from './net/connection.js';
export * as notifications from './lib/notifications.js';
export * as readPositions from './model/read-positions.js';
export * as settings from './lib/settings.js';
export * as typing from './model/typing.js';
