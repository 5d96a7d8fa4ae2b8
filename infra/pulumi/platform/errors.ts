/** A platform that cannot be as asked for; the message has a line for each reason, and says what would be right. */
export class PlatformError extends Error {
  override readonly name = 'PlatformError';
}
