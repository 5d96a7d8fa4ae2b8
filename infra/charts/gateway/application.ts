/** An image to run and when a node asks the registry for it. */
export type ImageProps = {
  readonly reference: string;
  readonly pullPolicy: 'Always' | 'IfNotPresent';
  /** Commit that the image was built from; absent: the image tells it itself. */
  readonly commit?: string;
};

/** User and group of the project's image. */
export const APPLICATION_USER = 10_001;
