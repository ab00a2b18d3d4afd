import type { EditValue, MessageValue, ReactionValue } from '@parley/shared';

/** What a batch meant for the conversation; kept in the log and carried out on history by projection. */
export type ConversationChange =
  | { readonly type: 'message'; readonly value: MessageValue }
  | { readonly type: 'edit'; readonly value: EditValue }
  | { readonly type: 'react'; readonly value: ReactionValue }
  | { readonly type: 'unreact'; readonly value: ReactionValue }
  | { readonly type: 'delete'; readonly message: string; readonly by: string };

/** What procedures ask of a live conversation. */
export type ConversationCommand =
  | { readonly type: 'append'; readonly value: MessageValue }
  /** Of a message that the caller was seen to be allowed to change. It may have left the window, or leave it right now. */
  | Exclude<ConversationChange, { type: 'message' }>;
