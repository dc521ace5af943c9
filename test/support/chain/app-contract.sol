// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// What clients and the KMS see of an app contract: an owner, the compose hashes and the devices that the
/// owner allows. The tests' own; it has the published names and no more than the tests need.
contract AppContract {
    struct AppBootInfo {
        address appId;
        bytes32 composeHash;
        address instanceId;
        bytes32 deviceId;
        bytes32 mrAggregated;
        bytes32 mrSystem;
        bytes32 osImageHash;
        string tcbStatus;
        string[] advisoryIds;
    }

    address public owner;
    /// A policy of its own: the reason why nothing may boot, if there is one.
    string public closedBecause;
    bool public allowAnyDevice;
    mapping(bytes32 composeHash => bool) public allowedComposeHashes;
    mapping(bytes32 deviceId => bool) public allowedDeviceIds;

    event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);
    event ComposeHashAdded(bytes32 composeHash);
    event ComposeHashRemoved(bytes32 composeHash);
    event DeviceAdded(bytes32 deviceId);
    event DeviceRemoved(bytes32 deviceId);
    event AllowAnyDeviceSet(bool allowAny);

    error OwnableUnauthorizedAccount(address account);
    error OwnableInvalidOwner(address owner);

    modifier onlyOwner() {
        if (msg.sender != owner) revert OwnableUnauthorizedAccount(msg.sender);
        _;
    }

    constructor(address initialOwner, bool anyDevice, bytes32[] memory deviceIds, bytes32[] memory hashes) {
        if (initialOwner == address(0)) revert OwnableInvalidOwner(address(0));
        owner = initialOwner;
        emit OwnershipTransferred(address(0), initialOwner);
        _setAllowAnyDevice(anyDevice);
        for (uint256 i = 0; i < deviceIds.length; i++) _addDevice(deviceIds[i]);
        for (uint256 i = 0; i < hashes.length; i++) _addComposeHash(hashes[i]);
    }

    function addComposeHash(bytes32 composeHash) external onlyOwner {
        _addComposeHash(composeHash);
    }

    function removeComposeHash(bytes32 composeHash) external onlyOwner {
        allowedComposeHashes[composeHash] = false;
        emit ComposeHashRemoved(composeHash);
    }

    function addDevice(bytes32 deviceId) external onlyOwner {
        _addDevice(deviceId);
    }

    function removeDevice(bytes32 deviceId) external onlyOwner {
        allowedDeviceIds[deviceId] = false;
        emit DeviceRemoved(deviceId);
    }

    function setAllowAnyDevice(bool allowAny) external onlyOwner {
        _setAllowAnyDevice(allowAny);
    }

    function close(string calldata reason) external onlyOwner {
        closedBecause = reason;
    }

    function isAppAllowed(AppBootInfo calldata boot) external view returns (bool, string memory) {
        if (boot.appId != address(this) || keccak256(bytes(boot.tcbStatus)) != keccak256("UpToDate"))
            return (false, "Wrong boot info");
        if (bytes(closedBecause).length > 0) return (false, closedBecause);
        if (!allowedComposeHashes[boot.composeHash]) return (false, "Compose hash not allowed");
        if (!allowAnyDevice && !allowedDeviceIds[boot.deviceId]) return (false, "Device not allowed");
        return (boot.advisoryIds.length == 0, "");
    }

    function renounceOwnership() external onlyOwner {
        emit OwnershipTransferred(owner, address(0));
        owner = address(0);
    }

    function transferOwnership(address newOwner) external onlyOwner {
        if (newOwner == address(0)) revert OwnableInvalidOwner(newOwner);
        emit OwnershipTransferred(owner, newOwner);
        owner = newOwner;
    }

    function _addComposeHash(bytes32 composeHash) private {
        allowedComposeHashes[composeHash] = true;
        emit ComposeHashAdded(composeHash);
    }

    function _addDevice(bytes32 deviceId) private {
        allowedDeviceIds[deviceId] = true;
        emit DeviceAdded(deviceId);
    }

    function _setAllowAnyDevice(bool allowAny) private {
        allowAnyDevice = allowAny;
        emit AllowAnyDeviceSet(allowAny);
    }
}

/// An owner that forwards a call once enough of its members agreed: the smallest multisig.
contract TwoOfThree {
    address[3] public members;
    mapping(bytes32 call => mapping(address member => bool)) public approved;

    constructor(address[3] memory initialMembers) {
        members = initialMembers;
    }

    function approve(address target, bytes calldata data) external {
        bytes32 call = keccak256(abi.encode(target, data));
        approved[call][msg.sender] = true;
        uint256 count = 0;
        for (uint256 i = 0; i < 3; i++) if (approved[call][members[i]]) count++;
        if (count < 2) return;
        (bool ok, bytes memory reason) = target.call(data);
        if (!ok) assembly { revert(add(reason, 32), mload(reason)) }
    }
}
