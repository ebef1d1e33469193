/** The id of the element that holds the page; it takes the focus when another page is shown. */
export const CONTENT = 'content';
