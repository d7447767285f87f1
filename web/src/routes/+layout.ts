/** The dashboard is a single-page app: nothing is rendered on a server, so that the shell can be served as one static file. */
export const ssr = false;
export const prerender = false;
