/** Heights as the style sheet has them, px. */
export const ROW_HEIGHT = 27;
export const HEAD_HEIGHT = 28;
