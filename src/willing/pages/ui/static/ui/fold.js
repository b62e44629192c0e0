// How a search in a page compares: without accents, in small letters, in one width.

export const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
