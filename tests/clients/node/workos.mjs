// Drives @workos-inc/node against the daemon and prints one JSON line per check.
import assert from 'node:assert/strict';
import { WorkOS, NotFoundException, UnauthorizedException } from '@workos-inc/node';

const scene = JSON.parse(process.env.SCENE);
const address = new URL(scene.url);
const options = { apiHostname: address.hostname, port: Number(address.port), https: false };
const workos = new WorkOS({ apiKey: scene.key, ...options });
const users = scene.users;
const newestFirst = [...users].reverse();
const ids = (list) => list.map((item) => item.id);

const checks = {
  'organizations are made, read, changed and deleted': async () => {
    const externalId = `node-${process.pid}`;
    const made = await workos.organizations.createOrganization({ name: 'Node Corp', externalId, metadata: { tier: 'a' } });
    assert.equal(made.object, 'organization');
    assert.deepEqual([made.name, made.externalId, made.metadata, made.domains], ['Node Corp', externalId, { tier: 'a' }, []]);
    assert.match(made.createdAt, /Z$/);
    assert.equal((await workos.organizations.getOrganization(made.id)).id, made.id);
    assert.equal((await workos.organizations.getOrganizationByExternalId(externalId)).id, made.id);
    const changed = await workos.organizations.updateOrganization({ organization: made.id, name: 'Node Inc' });
    assert.deepEqual([changed.name, changed.externalId], ['Node Inc', externalId]);
    const listed = await workos.organizations.listOrganizations({ limit: 100 });
    assert.ok(ids(listed.data).includes(made.id));
    await workos.organizations.deleteOrganization(made.id);
    await assert.rejects(workos.organizations.getOrganization(made.id), NotFoundException);
  },
  'a directory that is linked reads as active': async () => {
    const seen = await workos.directorySync.getDirectory(scene.directory);
    assert.deepEqual([seen.object, seen.state, seen.type], ['directory', 'active', 'okta scim v2.0']);
    assert.equal(seen.organizationId, scene.organization);
    const listed = await workos.directorySync.listDirectories({ organizationId: scene.organization });
    assert.deepEqual(ids(listed.data), [scene.directory]);
  },
  'a directory is deleted': async () => {
    await workos.directorySync.deleteDirectory(scene.doomed);
    await assert.rejects(workos.directorySync.getDirectory(scene.doomed), NotFoundException);
  },
  'users are paged to the end, newest first': async () => {
    const listed = await workos.directorySync.listUsers({ directory: scene.directory });
    assert.deepEqual(ids(listed.data), newestFirst.slice(0, 10));
    assert.deepEqual(ids(await listed.autoPagination()), newestFirst);
  },
  'users are paged oldest first': async () => {
    const listed = await workos.directorySync.listUsers({ directory: scene.directory, order: 'asc' });
    assert.deepEqual(ids(await listed.autoPagination()), users);
  },
  'users are paged backwards by before': async () => {
    const base = { directory: scene.directory, limit: 20 };
    const first = await workos.directorySync.listUsers(base);
    const second = await workos.directorySync.listUsers({ ...base, after: first.listMetadata.after });
    const back = await workos.directorySync.listUsers({ ...base, before: second.listMetadata.before });
    assert.deepEqual(ids(second.data), newestFirst.slice(20, 40));
    assert.deepEqual(ids(back.data), ids(first.data));
  },
  'a user is in their type': async () => {
    const seen = await workos.directorySync.getUser(users[4]);
    assert.deepEqual(
      [seen.object, seen.idpId, seen.email, seen.firstName, seen.lastName, seen.state],
      ['directory_user', 'ext-004', 'user004@acme.example', 'Given', 'Family004', 'active']);
    assert.deepEqual([seen.directoryId, seen.organizationId], [scene.directory, scene.organization]);
    assert.deepEqual(seen.groups.map((group) => [group.id, group.name, group.directoryId]), [[scene.groups[1], 'Group 1', scene.directory]]);
    assert.equal(typeof seen.customAttributes, 'object');
    assert.equal(typeof seen.rawAttributes, 'object');
  },
  'users are filtered by group': async () => {
    const listed = await workos.directorySync.listUsers({ group: scene.groups[0] });
    assert.deepEqual(ids(await listed.autoPagination()), newestFirst.filter((id) => users.indexOf(id) % 3 === 0));
  },
  'groups are listed, read and filtered by user': async () => {
    const listed = await workos.directorySync.listGroups({ directory: scene.directory });
    assert.deepEqual(new Set(ids(listed.data)), new Set(scene.groups));
    const mine = await workos.directorySync.listGroups({ user: users[5] });
    assert.deepEqual(ids(mine.data), [scene.groups[2]]);
    const seen = await workos.directorySync.getGroup(scene.groups[0]);
    assert.deepEqual([seen.name, seen.directoryId, seen.organizationId], ['Group 0', scene.directory, scene.organization]);
  },
  'events are read by cursor, oldest first': async () => {
    const found = [];
    let after;
    do {
      const page = await workos.events.listEvents({ events: ['dsync.user.created'], organizationId: scene.organization, limit: 100, after });
      found.push(...page.data);
      after = page.listMetadata.after;
    } while (after);
    assert.deepEqual(found.map((event) => event.data.id), users);
    assert.equal(found[0].data.firstName, 'Given');
    assert.match(found[0].createdAt, /Z$/);
  },
  'events of several kinds are chosen': async () => {
    const events = ['dsync.activated', 'dsync.group.created', 'dsync.group.user_added'];
    const page = await workos.events.listEvents({ events, organizationId: scene.organization, limit: 100 });
    assert.deepEqual(new Set(page.data.map((event) => event.event)), new Set(events));
    const added = page.data.find((event) => event.event === 'dsync.group.user_added');
    assert.ok(users.includes(added.data.user.id) && scene.groups.includes(added.data.group.id));
  },
  'a wrong key is refused': async () => {
    const stranger = new WorkOS({ apiKey: 'sk_wrong', ...options });
    await assert.rejects(stranger.directorySync.listDirectories(), UnauthorizedException);
  },
};

for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
    console.log(JSON.stringify({ name, ok: true }));
  } catch (error) {
    console.log(JSON.stringify({ name, ok: false, why: String(error.stack ?? error).slice(0, 1500) }));
  }
}
