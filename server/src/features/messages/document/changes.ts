import type { EditValue, MessageValue, ReactionValue } from '@parley/shared';

/** What a batch meant for the conversation; kept in the log and carried out on history by projection. */
export type ConversationChange =
  | { readonly type: 'message'; readonly value: MessageValue }
  | { readonly type: 'edit'; readonly value: EditValue }
  | { readonly type: 'react'; readonly value: ReactionValue }
  | { readonly type: 'unreact'; readonly value: ReactionValue }
  | { readonly type: 'delete'; readonly message: string; readonly by: string };

/** Its owner may put the file into a message from now on; or nobody may any more, CONFLICT where it is in one. */
export type FileCommand =
  | { readonly type: 'offerFile'; readonly file: { readonly id: string; readonly owner: string } }
  | { readonly type: 'withdrawFile'; readonly id: string };

/** What procedures ask of a live conversation. */
export type ConversationCommand =
  /** `isPaced`: its author waits where the conversation is slowed down. */
  | { readonly type: 'append'; readonly value: MessageValue; readonly isPaced?: boolean }
  /** Changes nothing: whoever asks for it waits until history holds all that was said before. */
  | { readonly type: 'settle' }
  /** All that is there now leaves the document, as soon as history holds it. */
  | { readonly type: 'cut' }
  /** Changes nothing. Fails as UNAVAILABLE while a message up to that number, or one without a number, is there. */
  | { readonly type: 'assertGone'; readonly upToSeq: number }
  /** Takes every message up to that number out of the document. */
  | { readonly type: 'erase'; readonly upToSeq: number }
  /** So long whoever has said something waits before the next; 0 for not. */
  | { readonly type: 'slow'; readonly slowModeMs: number }
  | FileCommand
  /** Of a message that the caller was seen to be allowed to change. It may have left the window, or leave it right now. */
  | Exclude<ConversationChange, { type: 'message' }>;
