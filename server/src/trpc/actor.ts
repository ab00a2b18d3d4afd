/** The verified caller. The sync engine knows the same shape, without the role. */
export interface Actor {
  readonly userId: string;
  readonly sessionId: string;
  /** What others see in presence. */
  readonly name: string;
  readonly role: 'user' | 'admin';
  /** When the token that told so is over. */
  readonly expiresAt: Date;
}

/** Where a request comes from. */
export interface Caller {
  readonly address: string;
  readonly userAgent: string | null;
}
