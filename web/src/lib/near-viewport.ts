/** Tells when an element is on the screen or about to be: what no one sees need not be drawn each second. */
import type { Attachment } from "svelte/attachments";

const MARGIN = "200px";

export function nearViewport(tell: (near: boolean) => void): Attachment {
  return (element) => {
    const observer = new IntersectionObserver((entries) => tell(entries.some((entry) => entry.isIntersecting)), {
      rootMargin: MARGIN,
    });
    observer.observe(element);
    return () => observer.disconnect();
  };
}
