import { expect, test } from 'vitest';
import { addressReached, clientAddress, networkOf } from '../../server/gateway/network.ts';

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:aaaa::1', '2001:db8:1:2::/64'],
  ['2001:0db8:0001:0002::9', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['unknown', 'unknown'],
])('%s counts as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});

test('a header is believed as far as there are proxies of ours, counted from the right', () => {
  const header = '6.6.6.6, 198.51.100.4, 10.0.0.2';

  expect(clientAddress(header, '10.0.0.1', 0)).toBe('10.0.0.1');
  expect(clientAddress(header, '10.0.0.1', 1)).toBe('10.0.0.2');
  expect(clientAddress(header, '10.0.0.1', 2)).toBe('198.51.100.4');
  expect(clientAddress(undefined, '10.0.0.1', 1)).toBe('10.0.0.1');
  expect(clientAddress('198.51.100.4', '10.0.0.1', 2)).toBe('198.51.100.4');
});

test.each([
  ['203.0.113.7:50123', '203.0.113.7'],
  ['[2001:db8::1]:50123', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['2001:db8::1', '2001:db8::1'],
  ['unknown', '10.0.0.1'],
  ['_hidden', '10.0.0.1'],
])('of %s in the header the address is %s', (entry, address) => {
  expect(clientAddress(entry, '10.0.0.1', 1)).toBe(address);
});

test.each([
  ['the name that the client called', { host: '192.168.1.7:8080' }, 0, 'http://192.168.1.7:8080'],
  [
    'https when a proxy of ours says so',
    { host: 'shop.example', 'x-forwarded-proto': 'https' },
    1,
    'https://shop.example',
  ],
  ['not what anybody else says', { host: 'shop.example', 'x-forwarded-proto': 'https' }, 0, 'http://shop.example'],
  ['nothing when it named none', {}, 0, undefined],
])('the address reached is %s', (_what, headers, hops, address) => {
  expect(addressReached(headers, hops)).toBe(address);
});
