/** Types of image that are taken as a request body and given back for review. */
export const RAW_IMAGE_TYPES = ['image/jpeg', 'image/png', 'image/webp'] as const;
