; Installer for Windows (Inno Setup 6). NOT RUN YET: nobody has built or tried it.
; Built by:  iscc /DVersion=0.1.0 build_spec\package\windows.iss   after  python build_spec\dev.py package
; Silent:    forensics-app-0.1.0-setup.exe /VERYSILENT /NORESTART /SUPPRESSMSGBOXES /LOG=install.log
; Needs no network. Labs, evidence and settings of users are never touched, neither by an update nor by uninstalling.

#ifndef Version
  #error Give the version: /DVersion=...
#endif

[Setup]
AppId={{7C2B1E0A-5D0F-4B3A-9E5B-3B4E0F9C6A11}
AppName=Forensics
AppVersion={#Version}
AppPublisher=The authors of forensics-app
DefaultDirName={autopf}\forensics-app
DefaultGroupName=Forensics
DisableProgramGroupPage=yes
LicenseFile=..\..\LICENSE
OutputDir=..\..\dist
OutputBaseFilename=forensics-app-{#Version}-setup
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
PrivilegesRequired=admin
Compression=lzma2/max
SolidCompression=yes
WizardStyle=modern
SetupIconFile=..\..\build\package\icons\forensics-app.ico
UninstallDisplayIcon={app}\forensics-app.exe
ChangesEnvironment=yes
ChangesAssociations=yes
CloseApplications=yes

[Files]
Source: "..\..\build\package\program\forensics-app\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion

[InstallDelete]
; files of an older version must not stay beside those of the new one: SHA256SUMS lists every file
Type: filesandordirs; Name: "{app}\_internal"
Type: filesandordirs; Name: "{app}\licences"

[Icons]
Name: "{group}\Forensics"; Filename: "{app}\forensics-app.exe"
Name: "{autodesktop}\Forensics"; Filename: "{app}\forensics-app.exe"; Tasks: desktopicon

[Tasks]
Name: desktopicon; Description: "A shortcut on the desktop"; Flags: unchecked
Name: path; Description: "Make the command line forensics-app-cli known in every console"; Flags: unchecked

[Registry]
; a kind of file with a name and an icon under "Open with"; no default is taken from another program
Root: HKA; Subkey: "Software\Classes\forensics-app.image"; ValueType: string; ValueData: "Evidence image"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\forensics-app.image\DefaultIcon"; ValueType: string; ValueData: "{app}\forensics-app.exe,0"
Root: HKA; Subkey: "Software\Classes\forensics-app.image\shell\inspect"; ValueType: string; ValueData: "Inspect with Forensics"
Root: HKA; Subkey: "Software\Classes\forensics-app.image\shell\inspect\command"; ValueType: string; ValueData: "cmd.exe /k """"{app}\forensics-app-cli.exe"" inspect --files ""%1"""""
Root: HKA; Subkey: "Software\Classes\.E01\OpenWithProgids"; ValueType: string; ValueName: "forensics-app.image"; ValueData: ""; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\.L01\OpenWithProgids"; ValueType: string; ValueName: "forensics-app.image"; ValueData: ""; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\.aff4\OpenWithProgids"; ValueType: string; ValueName: "forensics-app.image"; ValueData: ""; Flags: uninsdeletevalue
Root: HKLM; Subkey: "SYSTEM\CurrentControlSet\Control\Session Manager\Environment"; ValueType: expandsz; ValueName: "Path"; ValueData: "{olddata};{app}"; Tasks: path; Check: IsNotInPath

[Code]
function IsNotInPath(): Boolean;
var
  Known: string;
begin
  if not RegQueryStringValue(HKLM, 'SYSTEM\CurrentControlSet\Control\Session Manager\Environment', 'Path', Known) then
    Known := '';
  Result := Pos(';' + Uppercase(ExpandConstant('{app}')) + ';', ';' + Uppercase(Known) + ';') = 0;
end;
