// An OpenID provider that others wrote (oidc-provider, certified), with login pages of its own. Whoever logs in is who they
// say; addresses that begin with `unsure` are not vouched for.
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const { ISSUER, CALLBACK, CLIENT_SECRET, NODE_PATH } = process.env;
const module_ = path.join(NODE_PATH, 'oidc-provider', 'lib', 'index.js');

import(pathToFileURL(module_)).then(({ default: Provider }) => {
  const provider = new Provider(ISSUER, {
    clients: [
      { client_id: 'perpetuo', client_secret: CLIENT_SECRET, redirect_uris: [CALLBACK], grant_types: ['authorization_code'] },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    pkce: { required: () => true },
    cookies: { keys: ['only for this run'] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: id, email_verified: !id.startsWith('unsure'), name: 'Ana Souza' }),
    }),
  });
  const { hostname, port } = new URL(ISSUER);
  provider.listen(Number(port), hostname);
});
