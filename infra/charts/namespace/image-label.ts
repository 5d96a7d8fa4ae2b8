/**
 * Label by which a namespace says that the definition has `images: 'digest'`; the admission policy of the platform
 * program holds its pods to it.
 */
export const IMAGES_LABEL = { 'sluice/images': 'digest' } as const;
