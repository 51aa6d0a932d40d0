import { useEffect, useState } from "preact/hooks";

/** Whether a media query holds, as it does now and later. */
export function useMedia(query: string): boolean {
  const [holds, setHolds] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const take = () => setHolds(media.matches);
    take();
    media.addEventListener("change", take);
    return () => media.removeEventListener("change", take);
  }, [query]);
  return holds;
}
