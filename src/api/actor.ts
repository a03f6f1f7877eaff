/** The header in which the command line says which person types. Encoded as a part of a URL. */
export const actorHeader = 'x-firebreak-actor';
