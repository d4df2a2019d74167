import { useEffect, useState } from 'preact/hooks';

/** The part of the address behind `#`, with it: which view is open. */
export function useAddressHash(): string {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const read = (): void => {
      setHash(location.hash);
    };
    window.addEventListener('hashchange', read);
    return () => {
      window.removeEventListener('hashchange', read);
    };
  }, []);
  return hash;
}
