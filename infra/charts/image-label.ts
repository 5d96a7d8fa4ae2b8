/**
 * Label by which a namespace asks that images be named by digest: `gateway`, those of the gateway's pods; `all`, every
 * image. The admission policy of the platform program holds pods to it.
 */
export const IMAGES_LABEL = 'sluice/images-by-digest';
